const headerBytes = 8
const lengthOffset = 4

/**
 * Returns a function that takes the bytes of a log stream of the engine, and returns the output of the container in it.
 * Each piece of output follows a header: the kind of the output, and its length.
 *
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
export function createUnframer(): (chunk: Buffer) => Buffer {
  let header = Buffer.alloc(0)
  let rest = 0
  return (chunk) => {
    const output: Buffer[] = []
    for (let bytes = chunk; bytes.length > 0; ) {
      if (rest === 0) {
        const missing = headerBytes - header.length
        header = Buffer.concat([header, bytes.subarray(0, missing)])
        bytes = bytes.subarray(missing)
        if (header.length < headerBytes) break
        rest = header.readUInt32BE(lengthOffset)
        header = Buffer.alloc(0)
      }
      output.push(bytes.subarray(0, rest))
      const taken = Math.min(rest, bytes.length)
      rest -= taken
      bytes = bytes.subarray(taken)
    }
    return Buffer.concat(output)
  }
}
