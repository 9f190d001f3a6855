/* See windows.h. */
unsigned long long _beginthreadex(void *security, unsigned stack, unsigned(__stdcall *run)(void *),
                                  void *argument, unsigned flags, unsigned *id);
