#!/bin/sh
# fovea evaluate as a user meets it: worked figures, files of scores that are wrong, requirements, reports.
# usage: clinic.sh BUILD [SHARED]
set -u
fovea=$1/fovea
shared=${2:-../shared}
here=tests/clinic
. tests/expect.sh

# expect CODE 'PATTERN' NAME ARGUMENTS...: exit code, and a pattern in what evaluate printed
expect() {
    want=$1
    pattern=$2
    name=$3
    shift 3
    "$fovea" evaluate "$@" >"$work/out" 2>"$work/err" </dev/null
    code=$?
    right=0
    [ $code -eq "$want" ] || right=1
    [ "$pattern" = . ] || cat "$work/out" "$work/err" | grep -qE -- "$pattern" || right=1
    verdict $right "$name (exit $code)"
}

# what the CSV says of a figure, to 1e-9
figure() { # SECTION|CLASS|METRIC|VALUE|LOW|HIGH
    awk -F, -v want="$*" '
        function off(is, value) { return value != "" && (is == "" || (is - value) ^ 2 > 1e-18 * (1 + value ^ 2)) }
        BEGIN { split(want, w, "|") }
        $1 == w[1] && $2 == w[2] && $3 == w[3] { found = 1; bad = off($4, w[4]) || off($5, w[5]) || off($6, w[6]); line = $0 }
        END { if (!found || bad) print "     " line; exit !found || bad }' "$work/figures.csv" >"$work/out"
    verdict $? "figure $*"
}
none() { # SECTION|CLASS|METRIC: no value, and a reason
    awk -F, -v want="$1" 'BEGIN { split(want, w, "|") }
        $1 == w[1] && $2 == w[2] && $3 == w[3] { found = $4 == "" && $9 != "" } END { exit !found }' "$work/figures.csv"
    verdict $? "no figure $1"
}

# ---- twelve pictures ----
small=$here/small.csv
expect 0 'Accuracy +0\.7500 +\(0\.4677 to 0\.9111\)' 'twelve pictures' --scores $small --positive mel --group site \
    --at sensitivity=0.95 --at threshold=0.5 --at youden --at specificity=0.9 --prevalence 0.02 \
    --csv "$work/figures.csv" --json "$work/report.json"
figure 'overall||accuracy|0.75|0.46769466512|0.91105833163'
figure 'overall||balanced_accuracy|0.738888888889'
figure 'overall||auc_macro|0.872723765432'
figure 'overall||auc_weighted|0.881365740741'
figure 'overall||auc_ovo|0.868055555556'
figure 'overall||kappa|0.608695652174'
figure 'overall||kappa_quadratic|0.590909090909'
figure 'overall||mcc|0.615719295953'
figure 'overall||majority_baseline|0.416666666667'
figure 'class|bkl|sensitivity|0.666666666667'
figure 'class|bkl|specificity|1'
figure 'class|mel|auc|0.921875|0.766868608015|1'
figure 'class|mel|average_precision|0.854166666667'
figure 'class|nv|auc|0.9'
figure 'class|nv|f1|0.727272727273'
figure 'count|nv|prevalence|0.416666666667'
figure 'point|mel sensitivity=0.95|tp|4'
figure 'point|mel sensitivity=0.95|fp|2'
figure 'point|mel threshold=0.5|sensitivity|0.75|0.300641842582|0.954412739233'
figure 'point|mel threshold=0.5|ppv_at_prevalence|0.109090909091'
figure 'point|mel specificity=0.9|tn|8'
figure 'point|mel youden|fn|0'
figure 'group|site=back|accuracy|0.75'
none 'group|site=hand|auc'
expect 0 'chosen on the same pictures' 'says where thresholds come from' --scores $small --positive mel
expect 0 'never|Always answering .nv.* 41\.7 %' 'says what no model has' --scores $small
expect 0 'Sensitivity .*0\.194' 'exact intervals' --scores $small --positive mel --at threshold=0.5 --interval exact
expect 0 'whole clusters' 'clusters' --scores $small --cluster patient
grep -q nan "$work/report.json" "$work/figures.csv"
[ $? -eq 1 ]
verdict $? 'no NaN in a report'
"$fovea" evaluate --scores $small --positive mel --quiet --csv "$work/again.csv" --seed 1
"$fovea" evaluate --scores $small --positive mel --quiet --csv "$work/other.csv" --seed 2
(head -n 1 $small && tail -n +2 $small | sort -r) >"$work/turned.csv"
"$fovea" evaluate --scores "$work/turned.csv" --positive mel --quiet --csv "$work/turned-figures.csv" --seed 1
cmp -s "$work/again.csv" "$work/turned-figures.csv"
verdict $? 'the order of rows changes nothing'
! cmp -s "$work/again.csv" "$work/other.csv"
verdict $? 'the seed does'
expect 0 . 'saves scores' --scores $small --save-scores "$work/saved.csv" --quiet --csv "$work/one.csv"
expect 0 . 'reads them back' --scores "$work/saved.csv" --quiet --csv "$work/two.csv"
cmp -s "$work/one.csv" "$work/two.csv"
verdict $? 'and finds the same'

# ---- the page ----
sed 's/nv/<b>nv&amp;/' $small >"$work/escape.csv"
expect 0 . 'a page' --scores "$work/escape.csv" --positive mel --group site --against "$work/escape.csv" --title 'A <i>title</i>' \
    --html "$work/page.html" --quiet
[ "$(grep -c '<h2>[1-8]' "$work/page.html")" -eq 8 ]
verdict $? 'has eight parts'
! grep -qiE '<script|https?:|<link|<img|[^a-z]nan[^a-z]|[^a-z]inf[^a-z]|<i>title|<b>nv' "$work/page.html"
verdict $? 'asks for nothing, and escapes what is not its own'
[ "$(wc -c <"$work/page.html")" -lt 200000 ]
verdict $? 'is small'
grep -q '0.922 (0.767 to 1.000)' "$work/page.html" && grep -q 'chosen on these pictures' "$work/page.html"
verdict $? 'says what the figures say'

# ---- requirements ----
expect 0 . 'met' --scores $small --positive mel --require 'auc(mel)>=0.92' --require 'accuracy<0.8' --require 'auc(mel).low>0.7'
expect 1 'more than 3 rows' 'a limit of rows' --scores $small --limit score-rows=3
expect 1 'not met, it is 0\.921875' 'not met' --scores $small --require 'auc(mel)>=0.93'
expect 1 'not met' 'not surely met' --scores $small --require 'auc(mel).low>=0.8'
expect 1 'no figure' 'of nothing' --scores $small --require 'auc(melanoma)>=0.8'
expect 1 'not METRIC' 'no requirement' --scores $small --require 'auc(mel)=0.8'

# ---- two models ----
sed 's/a03,mel,face,p2,.3,.3,.4/a03,mel,face,p2,.2,.6,.2/' $small >"$work/better.csv"
expect 0 'Accuracy, first minus second +-0\.0833' 'paired comparison' --scores $small --against "$work/better.csv" --positive mel \
    --margin 0.3 --csv "$work/figures.csv"
figure 'comparison||second_only_right|1'
figure 'comparison||accuracy_mcnemar_p|1'
figure 'comparison||agreement|0.916666666667'
grep -v a05 $small >"$work/less.csv"
expect 1 'needs the same ones' 'other pictures' --scores $small --against "$work/less.csv"
sed 's/a05,/b05,/' $small >"$work/renamed.csv"
expect 1 'a05 is in one of' 'pictures of other names' --scores $small --against "$work/renamed.csv"
sed 's/a05,bkl/a05,nv/' $small >"$work/relabelled.csv"
expect 1 'a05: its label differs' 'another label' --scores $small --against "$work/relabelled.csv"

sed 's/a01,mel,back,p1,.1,.8,.1/a01,mel,back,p1,.9,.01,.09/' $small >"$work/elsewhere.csv"
expect 0 'Threshold +0\.0100' 'a threshold from elsewhere' --scores $small --positive mel --at sensitivity=1 \
    --threshold-from "$work/elsewhere.csv" --csv "$work/figures.csv"
figure 'point|mel sensitivity=1|fp|8'
! grep -q 'same pictures' "$work/out"
verdict $? 'is not said to be from here'

# ---- one score, labels of another name, labels that are not a class ----
printf 'id,label,p\n1,1,.9\n2,0,.2\n3,1,.6\n4,0,.7\n5,0,.5\n' >"$work/one-score.csv"
expect 0 'AUC +0\.8333' 'one score' --scores "$work/one-score.csv" --csv "$work/figures.csv"
figure 'overall||accuracy|0.8'
printf 'id,label,p\n1,yes,.9\n2,no,.2\n3,yes,.6\n4,no,.7\n' >"$work/words.csv"
expect 1 '--positive LABEL names' 'one score, which label?' --scores "$work/words.csv"
expect 0 'AUC +0\.7500' 'that one' --scores "$work/words.csv" --positive yes
printf '4,maybe,.7\n' | cat "$work/words.csv" - | sed 's/^4,maybe/5,maybe/' >"$work/three.csv"
expect 1 'more than two labels' 'one score, three labels' --scores "$work/three.csv" --positive yes
printf 'id,label,p0,p1\n1,1,.1,.9\n2,0,.6,.4\n' >"$work/numbered.csv"
expect 0 'Accuracy +1\.0000' 'numbered classes' --scores "$work/numbered.csv"
sed 's/,nv,/,other,/; s/,bkl,/,other,/' $small | sed '1s/.*/id,label,site,patient,bkl,mel,nv/' >"$work/coarse.csv"
expect 1 "a08|a05.*is not a class" 'a label that is no class' --scores "$work/coarse.csv"
expect 0 'AUC +0\.9219' 'and only says no' --scores "$work/coarse.csv" --negative other --positive mel
expect 1 'need --positive' 'no to what?' --scores "$work/coarse.csv" --negative other

# ---- what is left out, and why ----
sed 's/,nv,/,bkl,/' $small | sed '1s/.*/id,label,site,patient,bkl,mel,nv/' >"$work/absent.csv"
expect 0 "No picture is of class 'nv'" 'a class without pictures' --scores "$work/absent.csv" --csv "$work/figures.csv"
none 'class|nv|sensitivity'
none 'class|nv|auc'
(head -n 1 $small && grep ,mel, $small | tail -n +2) >"$work/alone.csv"
expect 0 . 'one class only' --scores "$work/alone.csv" --positive mel --csv "$work/figures.csv"
none 'positive|mel|auc'
none 'overall||auc_macro'
sed 's/,\.1,\.8,\.1$/,1.1,2.8,-.1/' $small >"$work/logits.csv"
expect 0 'are not probabilities: some are below 0 or above 1' 'logits' --scores "$work/logits.csv" --csv "$work/figures.csv"
none 'overall||brier'
sed 's/,\.1,\.8,\.1$/,.1,.8,.2/' $small >"$work/sum.csv"
expect 0 'do not sum to 1' 'a sum that is not 1' --scores "$work/sum.csv"

# ---- bad files: one line, its number, nothing written ----
bad() { # PATTERN NAME: of $work/bad.csv
    rm -f "$work/bad.json"
    expect 1 "^fovea: .*$1" "$2" --scores "$work/bad.csv" --json "$work/bad.json"
    [ ! -e "$work/bad.json" ] && [ "$(wc -l <"$work/err")" -eq 1 ]
    verdict $? "one line, no report: $2"
}
: >"$work/bad.csv"; bad 'an empty file' 'empty'
printf 'id,label,a,b\n' >"$work/bad.csv"; bad 'a header without rows' 'a header alone'
printf 'id,label,a,b\n1,a,.5,.5\n2,b,.5\n' >"$work/bad.csv"; bad 'line 3: 3 columns, the header has 4' 'a short row'
printf 'id,label,a,b\n1,a,.5,.5\n2,b,nan,.5\n' >"$work/bad.csv"; bad "line 3: 'nan' .*finite" 'NaN'
printf 'id,label,a,b\n1,a,.5,.5\n2,b,x,.5\n' >"$work/bad.csv"; bad "line 3: 'x' in column 'a' is not a number" 'no number'
printf 'id,label,a,b\n1,a,.5,.5\n2,b,,.5\n' >"$work/bad.csv"; bad 'line 3: .* not a number' 'no score'
printf 'id,label,a,b\n1,a,.5,.5\n1,b,.5,.5\n' >"$work/bad.csv"; bad 'two rows of 1' 'the same picture twice'
printf 'id,label,a,a\n1,a,.5,.5\n' >"$work/bad.csv"; bad "two columns 'a'" 'the same column twice'
printf 'id,truth,a,b\n1,a,.5,.5\n' >"$work/bad.csv"; bad "no column 'label'" 'no labels'
printf 'id,label,a\n1,"a,.5\n' >"$work/bad.csv"; bad 'a quote that does not end' 'an open quote'
printf 'id,label,a,b\n1,"a"x,.5,.5\n' >"$work/bad.csv"; bad 'line 2: text behind a closing quote' 'text behind a quote'
printf 'id,label,a,b\n1,a\0,.5,.5\n' >"$work/bad.csv"; bad 'line 2: not text' 'a NUL'
printf 'id,label,site\n1,a,x\n' >"$work/bad.csv"; bad 'no column of numbers' 'no scores'
head -c 3000 weights/demo/starburst.jpg >"$work/bad.csv"; bad 'not text|no column' 'a photo'
{ printf 'id,label,a,b\n1,a,.5,'; head -c 1100000 /dev/zero | tr '\0' 5; } >"$work/bad.csv"; bad 'line 2: a row of more than' 'a row without end'
printf '\357\273\277id,label,a,b\r\n"1 ""x"", y",a,.6,.4\r\n\r\n2,b,.5,.5\r\n' >"$work/windows.csv"
expect 0 ': 2 pictures' 'quotes, BOM, CRLF, an empty line' --scores "$work/windows.csv" --save-scores "$work/saved.csv"
grep -q '^"1 ""x"", y",a,0.6' "$work/saved.csv"
verdict $? 'quotes are written as they are read'

# ---- pictures through a model ----
model=$work/patterns.fovea
"$fovea" convert weights/demo/patterns.h5 -o "$model" --labels weights/demo/labels.txt --preprocess keras-01 \
    --resize pil-bicubic >/dev/null || echo "FAIL no model"
for picture in weights/demo/*.jpg; do
    label=$(basename "$picture" .jpg)
    mkdir -p "$work/set/$label"
    cp "$picture" "$work/set/$label/1.jpg"
done
expect 0 ': 7 pictures, 7 classes' 'a folder of labels' "$model" "$work/set" --save-scores "$work/scores.csv" --csv "$work/figures.csv"
figure 'overall||accuracy|1|0.645669564933'
expect 0 ': 7 pictures' 'the same by --images' "$model" --images "$work/set" --csv "$work/again.csv" --threads 3
cmp -s "$work/figures.csv" "$work/again.csv"
verdict $? 'threads change nothing'
expect 0 . 'its scores' --scores "$work/scores.csv" --csv "$work/again.csv" --quiet
cmp -s "$work/figures.csv" "$work/again.csv"
verdict $? 'say the same as the model'
{ echo 'site,file,label'; (cd weights/demo && for f in *.jpg; do echo "a,$f,${f%.jpg}"; done); } >"$work/list.csv"
expect 0 'site=a' 'a list of files' "$model" "$work/list.csv" --root weights/demo --group site
sed 's/globular,*$/starburst/' "$work/list.csv" >"$work/wrong.csv"
expect 0 'Accuracy +0\.8571' 'a wrong answer counts' "$model" "$work/wrong.csv" --root weights/demo
expect 0 '"picture":"weights/demo/globular.jpg","label":"starburst","answer":"globular"' 'and is told' \
    "$model" "$work/wrong.csv" --root weights/demo --json - --quiet
expect 0 'means over 2 mirror images' 'the mean over the mirror image' "$model" "$work/set" --tta mirror --save-scores "$work/mirror.csv"
! cmp -s "$work/mirror.csv" "$work/scores.csv"
verdict $? 'is another answer'
expect 0 'means over 4 mirror' 'turns of what is no square' "$model" "$work/set" --tta 8
mkdir "$work/set/unheard-of"
cp weights/demo/globular.jpg "$work/set/unheard-of/1.jpg"
expect 1 "unheard-of/1.jpg: the label 'unheard-of' is not a class" 'a folder that is no label' "$model" "$work/set"
expect 0 'are copies of others \(.*globular/1.jpg and .*unheard-of/1.jpg\)' 'a copy of a picture' "$model" "$work/set" \
    --relabel unheard-of=globular
echo no photo >"$work/set/unheard-of/2.jpg"
expect 1 'unheard-of/2.jpg: .*not a' 'an unreadable picture' "$model" "$work/set" --relabel unheard-of=globular
expect 0 '1 more could not be read' 'that is skipped' "$model" "$work/set" --relabel unheard-of=globular --skip-bad
mkdir "$work/none"
expect 1 'no pictures' 'an empty folder' "$model" "$work/none"
"$fovea" convert weights/demo/patterns.h5 -o "$work/half.fovea" --labels weights/demo/labels.txt --preprocess keras-01 \
    --resize pil-bicubic --weights f16 >/dev/null
rm -r "$work/set/unheard-of"
expect 0 'Same answer +1\.0000' 'float against half precision' "$model" "$work/set" --against "$work/half.fovea"
"$fovea" convert tests/golden/conformance/a/dict_inputs/model.h5 -o "$work/two.fovea" >/dev/null
expect 1 'one input' 'a model of two inputs' "$work/two.fovea" "$work/set"

# ---- masks ----
mkdir "$work/masks" "$work/other"
cp weights/demo/*.jpg "$work/masks"
expect 0 'Dice +1\.0000 +\(1\.0000 to 1\.0000\) +n 7' 'masks against themselves' --masks "$work/masks" --answers weights/demo \
    --csv "$work/figures.csv" --html "$work/page.html" --json "$work/report.json"
figure 'mask||hausdorff95|0|0|0'
figure 'picture|globular.jpg|iou|1'
cp weights/demo/*.jpg "$work/other"
cp weights/demo/starburst.jpg "$work/other/globular.jpg"
rm "$work/other/parallel.jpg"
expect 1 'parallel.jpg: no file of that name in .*other' 'a mask without an answer' --masks "$work/masks" --answers "$work/other"
expect 0 'Dice +0\.[0-9]+ .* n 6' 'a mask that differs' --masks "$work/masks" --answers "$work/other" --skip-bad
"$fovea" convert tests/golden/conformance/a/variable_size_input_fcn/model.h5 -o "$work/fcn.fovea" --input-shape 20,16 \
    --preprocess keras-01 >/dev/null
expect 1 'height x width' 'masks of a model' "$work/fcn.fovea" --images weights/demo --masks "$work/masks"
expect 2 'needs --masks' 'answers to nothing' --answers "$work/other"
if [ -d "$shared/sets/retina_drive" ]; then
    mkdir "$work/first" "$work/second"
    for n in 01 03 05 07 09 11 13 15 17 19; do
        cp "$shared/sets/retina_drive/${n}_vessels.png" "$work/first/$n.png"
        cp "$shared/sets/retina_drive/${n}_second_reader.png" "$work/second/$n.png"
    done
    expect 0 'Dice +0\.7884' 'two readers of ten retinas' --masks "$work/first" --answers "$work/second" --csv "$work/figures.csv"
    figure 'picture|01.png|dice|0.803939061213'
    figure 'picture|01.png|hausdorff95|2'
fi

# ---- the words ----
expect 2 'takes a model' 'nothing'
expect 2 'operating point is' 'no point' --scores $small --at sensitivity=2
expect 2 'number from' 'no level' --scores $small --level 95
expect 2 'replace the input' 'its own input' --scores $small --csv $small
expect 1 "no class 'x'" 'no such class' --scores $small --positive x
expect 1 "no column 'x'" 'no such group' --scores $small --group x
expect 1 'No such file' 'no such file' --scores nowhere.csv

counted
