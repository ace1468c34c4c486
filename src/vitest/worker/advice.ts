/** What to do about a service that is asked for too late, or for its config too early. */
export const whereToUse =
  'call useService() at the top of a file or in a describe, and read serviceConfig inside a test or a hook'
