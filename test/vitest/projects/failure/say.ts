interface Server {
  readonly serviceConfig: { readonly url: string }
}

/** Has a server write a text to its log. */
export async function say({ serviceConfig }: Server, body: string): Promise<void> {
  await (await fetch(serviceConfig.url, { method: 'POST', body })).text()
}
