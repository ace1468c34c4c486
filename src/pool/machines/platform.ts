/** Names of processors as `uname -m` has them. */
const processors: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'i686' }

/** Returns the platform of this machine: `node20@x86_64`. */
export function ownPlatform(): string {
  const [major] = process.versions.node.split('.')
  return `node${major}@${processors[process.arch] ?? process.arch}`
}
