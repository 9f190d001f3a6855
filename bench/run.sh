#!/bin/sh
# Times every built-in network on one and on two threads and writes bench/RESULTS.md and bench/results.svg:
#
#     bench/run.sh [build directory] [rounds]
#
# KEEP=1 adds the rounds to those of the last call. The machine may be shared: of several rounds the fastest counts, with the peak measured beside it.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
rounds=${2:-3}
fovea=$build/fovea
results=$build/results.txt
# network, its target (share of one core's peak), and the best peer's time in ms on two threads
nets='seed 2.00 1.90
mobilenet 0.93 6.87
mobilenetv2 0.86 4.41
squeezenet 1.25 4.46
resnet50 1.12 47.97
efficientnetb0 0.68 8.16
unet 2.10 7.69'

# Where the system allows it, before all other work on the machine.
first=
if chrt -f 1 true 2>/dev/null; then first='chrt -f 1'; fi

number() { printf '%s' "$1" | sed -n "s/.*\"$2\":\([-0-9.e+]*\).*/\1/p"; }

[ -n "${KEEP:-}" ] || : >"$results"
round=0
while [ "$round" -lt "$rounds" ]; do # the rounds of a network lie apart, so that a busy minute hits only one
    printf '%s\n' "$nets" | while read -r net target peer; do
        for threads in 1 2; do
            json=$($first "$fovea" bench --arch "$net" --threads $threads --json)
            echo "$net $target $peer $threads $(number "$json" min_ms) $(number "$json" median_ms)" \
                "$(number "$json" gflops) $(number "$json" peak_gflops) $(number "$json" arena_bytes)" \
                "$(number "$json" macs)" >>"$results"
        done
    done
    round=$((round + 1))
    echo "round $round of $rounds" >&2
done

total=$(($(wc -l <"$results") / 14))
machine=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
compiler=$(${CC:-cc} --version | head -n 1)

# Of each network and number of threads the fastest round.
best() {
    awk '{ key = $1 " " $4
           if (!(key in ms) || $5 < ms[key]) { ms[key] = $5; row[key] = $0 }
           if (!(key in seen)) { seen[key] = 1; order[n++] = key } }
         END { for (i = 0; i < n; i++) print row[order[i]] }' "$results"
}

{
    cat <<TEXT
# Speed

Seven networks with random weights, float32, one picture at a time.

* machine: ${machine:-unknown}, $(getconf _NPROCESSORS_ONLN) processors
* compiler: $compiler, flags \`${CFLAGS:--O2 -g}\`
* date: $(date -u +%Y-%m-%d)
* to reproduce: \`make bench\` (a single one: \`build/fovea bench --arch NAME --threads N --profile\`)
* for ARM there are counts instead of times: [ARM.md](ARM.md)

Effective GFLOP/s are two operations for each multiply-add of the direct computation over the least
time; the peak is the best rate of fused multiply-adds of the same cores, measured between the runs.
Above 1.00 an algorithm does with fewer multiplications (Winograd, Strassen). The fastest of $total rounds of two
seconds counts${first:+, run before all other work (\`$first\`)}. "Best peer" is the time of the fastest of MNN, ncnn, XNNPACK, oneDNN and ONNX Runtime
on two threads of a machine of this kind, whose peak was 100 GFLOP/s a core.

| network | MACs | threads | min ms | median ms | GFLOP/s | of peak | target | to two threads | best peer, ms | memory |
|---|---|---|---|---|---|---|---|---|---|---|
TEXT
    best | awk '$4 == 1 { one = $5 }
        { printf "| %s | %.1f M | %d | %.2f | %.2f | %.1f | %.2f | %s | %s | %s | %.1f MB |\n",
            $1, $10 * 1e-6, $4, $5, $6, $7, $7 / $8, $4 == 1 ? $2 : "",
            $4 == 2 ? sprintf("%.2f x", one / $5) : "", $4 == 2 ? $3 : "", $9 * 1e-6 }'
    cat <<TEXT

## Where the time goes

Of the three networks furthest from the peak, one thread, each layer computed by itself (the least time of each
layer, in milliseconds). Multiplying and adding runs near the peak in ordinary convolutions, whatever their
number; what is lost is lost elsewhere:

* depthwise convolutions do 9 or 25 multiply-adds for each number they read, and the large ones wait for the
  third-level cache;
* first convolutions have 27 products a sum, which leave starting and ending a sum visible;
* dense layers read each weight once: they are as fast as memory;
* silu is 15 operations a number and none of them counts as effective; it stands in the lines of the layers
  before it, as do the means and products of squeeze-and-excite in lines of their own.

| network | operator | layers | ms | GFLOP/s | of peak |
|---|---|---|---|---|---|
TEXT
    for net in mobilenet mobilenetv2 efficientnetb0; do
        $first "$fovea" bench --arch $net --profile | awk -v net=$net '
            /^ *[0-9]+ / { n[$3]++; us[$3] += $5; work[$3] += $5 * $6 }
            /measured peak/ { peak = $(NF - 1) }
            END { for (op in n) if (us[op] > 20)
                printf "| %s | %s | %d | %.2f | %s | %s |\n", net, op, n[op], us[op] / 1000,
                    (work[op] ? sprintf("%.1f", work[op] / us[op]) : ""),
                    (work[op] ? sprintf("%.2f", work[op] / us[op] / peak) : "") }' | sort -t '|' -k 5,5nr
    done
} >bench/RESULTS.md

# One bar a network: the share of the peak on one thread; a line marks the target.
best | awk '$4 == 1 { name[n] = $1; have[n] = $7 / $8; want[n] = $2; n++ }
    END {
        left = 130; scale = 200; step = 34; width = left + 2.6 * scale; height = n * step + 60
        printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" ", width, height
        printf "font-family=\"sans-serif\" font-size=\"13\">\n"
        printf "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
        printf "<text x=\"10\" y=\"20\">Effective speed over the peak of one core; line: target</text>\n"
        for (i = 0; i <= 5; i++) {
            x = left + i * scale / 2
            printf "<line x1=\"%d\" y1=\"30\" x2=\"%d\" y2=\"%d\" stroke=\"#ddd\"/>\n", x, x, height - 22
            printf "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%.1f</text>\n", x, height - 6, i / 2
        }
        for (i = 0; i < n; i++) {
            y = 36 + i * step
            printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", left - 8, y + 17, name[i]
            printf "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"24\" fill=\"#3b7dd8\"/>\n", left, y, have[i] * scale
            printf "<text x=\"%.1f\" y=\"%d\" fill=\"white\" text-anchor=\"end\">%.2f</text>\n", left + have[i] * scale - 5, y + 17, have[i]
            x = left + want[i] * scale
            printf "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#c33\" stroke-width=\"3\"/>\n", x, y - 2, x, y + 26
        }
        print "</svg>"
    }' >bench/results.svg
cat bench/RESULTS.md
