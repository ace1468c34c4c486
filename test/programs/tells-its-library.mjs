// Uses its instance, and tells where the config is; ends when its standard input does.
const { LP_LIBRARY_URL: url, LP_LIBRARY_CONFIGFILE: file } = process.env
await fetch(`${url}/files`, { method: 'POST', body: 'a book' })
const files = await (await fetch(`${url}/files`)).json()
console.error(`told ${JSON.stringify({ file, url, count: files.length })}`)
process.stdin.resume()
