import { isUtf8 } from 'node:buffer'

/**
 * Start of the lone surrogates U+DC80 to U+DCFF: these represent the undecodable bytes 0x80 to 0xff, as in Python's
 * `surrogateescape`.
 */
const surrogateBase = 0xdc00
const loneSurrogates = /(?<![\ud800-\udbff])[\udc80-\udcff]/
const longestCharacter = 4

/** Decodes UTF-8 so that `bytesOf` returns exactly the same bytes, even for invalid UTF-8. */
export function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString()
  let text = ''
  for (let position = 0; position < bytes.length; ) {
    const length = characterLength(bytes, position)
    text += length
      ? bytes.toString('utf8', position, position + length)
      : String.fromCharCode(surrogateBase + (bytes[position] ?? 0))
    position += length || 1
  }
  return text
}

/** Encodes as UTF-8 and restores the bytes not decoded by `textOf`. */
export function bytesOf(text: string): Buffer {
  if (!hasUndecodable(text)) return Buffer.from(text)
  return Buffer.concat(
    partsOf(text).map((part, index) => (index % 2 ? Buffer.from([byteOf(part)]) : Buffer.from(part))),
  )
}

/** Returns the text for people and for JSON, with U+FFFD for undecodable bytes. */
export function readableText(text: string): string {
  return bytesOf(text).toString()
}

/** Whether the text represents bytes outside UTF-8. */
export function hasUndecodable(text: string): boolean {
  return loneSurrogates.test(text)
}

/**
 * Returns the text for `printf '%b'` to print the original bytes: backslashes and undecodable bytes are escaped.
 */
export function printfEscaped(text: string): string {
  const escaped = partsOf(text.replaceAll('\\', '\\\\'))
  return escaped.map((part, index) => (index % 2 ? `\\0${byteOf(part).toString(8)}` : part)).join('')
}

/** Splits the text into parts, by turns decodable and undecodable. */
function partsOf(text: string): string[] {
  return text.split(new RegExp(`(${loneSurrogates.source})`))
}

function byteOf(surrogate: string): number {
  return surrogate.charCodeAt(0) - surrogateBase
}

/** Returns the length in bytes of the character from `start`; 0 if no character begins at `start`. */
function characterLength(bytes: Buffer, start: number): number {
  for (let length = 1; length <= longestCharacter; length++) {
    const part = bytes.subarray(start, start + length)
    if (part.length === length && isUtf8(part)) return length
  }
  return 0
}
