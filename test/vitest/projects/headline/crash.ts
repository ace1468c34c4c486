/** Makes the api exit; its answer never comes. */
export async function crash(url: string | undefined): Promise<void> {
  await fetch(`${url}/crash`).catch(() => {})
}
