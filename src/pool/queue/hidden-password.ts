/** Returns a URL for messages: without its password. */
export function hiddenPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^:/@]*:)[^@]*@/, '$1***@')
}
