import { join } from 'node:path'
import { type Identifier, type Node, SyntaxKind } from 'typescript/unstable/ast'
import { API, type Checker, type Project, SymbolFlags, type Symbol as TypeSymbol } from 'typescript/unstable/sync'

/** Names that a module of the package exports, and mentions. */
export interface DeclaredNames {
  readonly exported: readonly string[]
  /** Each mention of a type of the package that the module does not export: `Session mentions Ended`. */
  readonly missing: readonly string[]
}

interface Walk {
  readonly project: Project
  readonly checker: Checker
  readonly exported: ReadonlySet<number>
  readonly isForAuthors: boolean
  readonly seen: Set<number>
  readonly missing: Set<string>
}

/**
 * Reads the declarations of modules, as an installed package has them. A type that only its own file can name, and a
 * type whose members become those of another, need no export; the types that these mention do.
 *
 * @param modules the file that re-exports everything of a module, by the module's name
 * @param authors the modules whose users extend classes, and so see protected members
 */
export function readDeclaredNames(
  directory: string,
  modules: Readonly<Record<string, string>>,
  authors: readonly string[],
): Record<string, DeclaredNames> {
  const api = new API({ cwd: directory })
  try {
    const config = join(directory, 'tsconfig.json')
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)
    if (!project) throw new Error(`there is no project ${config}`)
    const read = ([name, file]: [string, string]) => [
      name,
      namesOf(project, join(directory, file), authors.includes(name)),
    ]
    return Object.fromEntries(Object.entries(modules).map(read))
  } finally {
    api.close()
  }
}

function namesOf(project: Project, file: string, isForAuthors: boolean): DeclaredNames {
  const { checker } = project
  const source = project.program.getSourceFile(file)
  const module = source && checker.getSymbolAtLocation(source)
  if (!module) throw new Error(`${file} is no module`)
  const exports = checker.getExportsOfModule(module)
  const targets = exports.map((symbol) => targetOf(checker, symbol))
  const namespaces = targets.filter(({ flags }) => flags & SymbolFlags.ValueModule)
  const inner = namespaces
    .flatMap((symbol) => checker.getExportsOfModule(symbol))
    .map((each) => targetOf(checker, each))
  const all = [...targets, ...inner]
  const exported = new Set(all.map(({ id }) => id))
  const walk: Walk = { project, checker, exported, isForAuthors, seen: new Set(), missing: new Set() }
  for (const symbol of all) if (!namespaces.includes(symbol)) visitSymbol(symbol, symbol.name, walk)
  return { exported: exports.map(({ name }) => name).sort(), missing: [...walk.missing].sort() }
}

function targetOf(checker: Checker, symbol: TypeSymbol): TypeSymbol {
  return symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

function visitSymbol(symbol: TypeSymbol, owner: string, walk: Walk): void {
  if (walk.seen.has(symbol.id)) return
  walk.seen.add(symbol.id)
  for (const handle of symbol.declarations) {
    const node = handle.resolve(walk.project)
    if (node) visit(node, owner, walk)
  }
}

function visit(node: Node, owner: string, walk: Walk): void {
  if (isHidden(node, walk)) return
  for (const name of namesIn(node)) visitMention(name, owner, walk)
  node.forEachChild((child) => visit(child, owner, walk))
}

function isHidden(node: Node, { isForAuthors }: Walk): boolean {
  if (hasModifier(node, SyntaxKind.PrivateKeyword)) return true
  return !isForAuthors && hasModifier(node, SyntaxKind.ProtectedKeyword)
}

function hasModifier(node: Node, kind: SyntaxKind): boolean {
  const { modifiers } = node as { readonly modifiers?: Iterable<Node> }
  return [...(modifiers ?? [])].some((modifier) => modifier.kind === kind)
}

/** Returns the identifiers in which a node mentions a type. */
function namesIn(node: Node): Identifier[] {
  const { typeName, exprName, qualifier, expression } = node as unknown as Record<string, Node | undefined>
  const isBase = node.kind === SyntaxKind.ExpressionWithTypeArguments
  const names = [typeName, exprName, qualifier, isBase ? expression : undefined]
  return names.filter((name): name is Identifier => name?.kind === SyntaxKind.Identifier)
}

function visitMention(name: Identifier, owner: string, walk: Walk): void {
  const symbol = walk.checker.getSymbolAtLocation(name)
  if (!symbol) return
  const target = targetOf(walk.checker, symbol)
  const [declaration] = target.declarations
  if (!declaration?.path.includes('/node_modules/test-services/') || target.flags & SymbolFlags.TypeParameter) return
  if (walk.exported.has(target.id)) return
  if (isBase(name) || isLocal(target, walk)) visitSymbol(target, owner, walk)
  else walk.missing.add(`${owner} mentions ${target.name}`)
}

/** Whether the members of a type become members of the type that mentions it: `extends Omit<Base, 'x'>`, `A & Base`. */
function isBase({ parent }: Identifier): boolean {
  if (parent.kind === SyntaxKind.ExpressionWithTypeArguments) return true
  const { kind, expression } = parent.parent as Node & { readonly expression?: Identifier }
  return kind === SyntaxKind.IntersectionType || ['Omit', 'Pick'].includes(expression?.text ?? '')
}

function isLocal(symbol: TypeSymbol, { project }: Walk): boolean {
  const node = symbol.declarations[0]?.resolve(project)
  return node !== undefined && !hasModifier(node, SyntaxKind.ExportKeyword)
}
