// As much of Arduino as the example needs: it prints to the terminal, once.
#include <stdio.h>
#include <stdlib.h>
struct Terminal {
    void begin(long) {}
    void print(const char *text) { printf("%s", text); }
    void print(unsigned long number) { printf("%lu", number); }
    void println(const char *text) { puts(text); }
    void println(float number, int digits) { printf("%.*f\n", digits, (double)number); }
} static Serial;
static unsigned long micros() {
    return 0;
}
static void delay(int) {
    exit(0);
}
void setup();
void loop();
int main() {
    for (setup();;) loop();
}
