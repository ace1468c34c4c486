const headerBytes = 8
const lengthOffset = 4

/** A piece of a container's output. */
export interface Frame {
  readonly isError: boolean
  readonly bytes: Buffer
}

/**
 * Returns a function from the bytes of an engine's stream to the output of the container. Each piece of output follows
 * a header with the kind and the length of the output.
 *
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
export function createFrameReader(): (chunk: Buffer) => Frame[] {
  let header = Buffer.alloc(0)
  let isError = false
  let rest = 0
  return (chunk) => {
    const frames: Frame[] = []
    for (let bytes = chunk; bytes.length > 0; ) {
      if (rest === 0) {
        const missing = headerBytes - header.length
        header = Buffer.concat([header, bytes.subarray(0, missing)])
        bytes = bytes.subarray(missing)
        if (header.length < headerBytes) break
        isError = header[0] === 2
        rest = header.readUInt32BE(lengthOffset)
        header = Buffer.alloc(0)
      }
      const taken = Math.min(rest, bytes.length)
      if (taken > 0) frames.push({ isError, bytes: bytes.subarray(0, taken) })
      rest -= taken
      bytes = bytes.subarray(taken)
    }
    return frames
  }
}
