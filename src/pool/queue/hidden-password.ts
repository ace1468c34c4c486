/** Returns a URL for messages, without the password. */
export function hiddenPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^:/@]*:)[^@]*@/, '$1***@')
}
