import { ConfigError } from '../kernel/errors.ts'
import { describeProblems } from '../yaml/problem.ts'
import { readText } from '../yaml/read-text.ts'
import { loadYaml, YamlDocument } from '../yaml/yaml-document.ts'
import type { Metadata } from './metadata.ts'

/** Reads YAML files without waiting, for trees of thousands of files. */
export type YamlReader = (path: string) => YamlDocument

/** Returns a reader of YAML files. The reader throws ERR_CONFIG with file, line and column of the first mistake. */
export async function yamlReader(): Promise<YamlReader> {
  const yaml = await loadYaml()
  return (path) => {
    const document = new YamlDocument(yaml, path, readText(path))
    const [problem] = describeProblems(path, document.problems)
    if (problem !== undefined) throw new ConfigError(problem)
    return document
  }
}

/** Reads a YAML file with a dictionary, or an empty file. @throws ERR_CONFIG */
export async function readDictionary(path: string): Promise<Metadata> {
  const read = await yamlReader()
  return Object.fromEntries(
    read(path)
      .entries()
      .map(({ key, value }) => [key, value]),
  )
}
