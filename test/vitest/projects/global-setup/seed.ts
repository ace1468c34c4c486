export default async function seed(): Promise<void> {
  process.env.SEEDED = await (await fetch(process.env.WEB_URL ?? '')).text()
}
