/* Its first thread ends, which the process table shows as a zombie; another one goes on. */
#include <pthread.h>
#include <unistd.h>

static void *go_on(void *nothing) {
  for (;;) pause();
  return nothing;
}

int main(void) {
  pthread_t thread;
  if (pthread_create(&thread, 0, go_on, 0) != 0) return 1;
  pthread_exit(0);
}
