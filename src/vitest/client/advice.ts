/** Advice for a `useService` that comes too late, or a config that is read too early. */
export const whereToUse =
  'call useService() at the top of a file or in a describe, and read serviceConfig inside a test or a hook'
