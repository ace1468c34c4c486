/** What happens to a service of a session, for whoever shows it. Times are in milliseconds since its start or stop began. */
export type SessionEvent =
  | { readonly kind: 'starting'; readonly service: string }
  | { readonly kind: 'ready'; readonly service: string; readonly tookMs: number }
  | { readonly kind: 'failed'; readonly service: string; readonly tookMs: number; readonly reason: string }
  /** Given up because another one failed, or because the caller gave up. */
  | { readonly kind: 'canceled'; readonly service: string; readonly tookMs: number; readonly reason: string }
  | { readonly kind: 'stopping'; readonly service: string }
  | { readonly kind: 'stopped'; readonly service: string; readonly tookMs: number }

export type SessionListener = (event: SessionEvent) => void
