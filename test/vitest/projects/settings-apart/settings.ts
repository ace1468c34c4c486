export const settings: Record<string, string> = { maxmemory: '33mb' }
