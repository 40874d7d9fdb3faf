import { posix } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'

/** One mention of another module: an import, a re-export, `import()`, or a type written `import('…').T`. */
export interface Reference {
  readonly specifier: string
  /** The path inside the repository that a relative specifier leads to. */
  readonly target: string | undefined
  readonly line: number
  readonly isTypeOnly: boolean
  /** Resolved when it runs instead of when the file is loaded. */
  readonly isLazy: boolean
}

/** A statement at the top of a module, as far as the rules look at it. */
export interface Statement {
  readonly is: 'import' | 'list re-export' | 'star re-export' | 'other'
  readonly line: number
}

export interface SourceFile {
  /** Inside the repository, with forward slashes. */
  readonly path: string
  readonly references: readonly Reference[]
  readonly statements: readonly Statement[]
  /** The lines that touch the environment of the process. */
  readonly environment: readonly number[]
  /** The lines that reach for the network by the browser's own means. */
  readonly network: readonly number[]
}

/** Parses one file; throws on a syntax error, so that nothing unread passes for clean. */
export function readSource(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text, { lang: path.endsWith('.tsx') ? 'tsx' : 'ts' })
  const fatal = parsed.errors.find((error) => error.severity === 'Error')
  if (fatal) throw new Error(`${path}: ${fatal.message}`)
  const lineOf = lineCounter(text)
  const references: Reference[] = []
  const environment: number[] = []
  const network: number[] = []
  const refer = (specifier: string, start: number, how: Pick<Reference, 'isTypeOnly' | 'isLazy'>) =>
    references.push({ specifier, target: targetOf(path, specifier), line: lineOf(start), ...how })

  new Visitor({
    ImportDeclaration(node) {
      const isTypeOnly =
        node.importKind === 'type' ||
        (node.specifiers.length > 0 && node.specifiers.every((one) => 'importKind' in one && one.importKind === 'type'))
      refer(node.source.value, node.start, { isTypeOnly, isLazy: false })
      if (/^(node:)?process$/.test(node.source.value)) environment.push(lineOf(node.start))
    },
    ExportAllDeclaration: (node) =>
      void refer(node.source.value, node.start, { isTypeOnly: node.exportKind === 'type', isLazy: false }),
    ExportNamedDeclaration(node) {
      if (node.source) refer(node.source.value, node.start, { isTypeOnly: node.exportKind === 'type', isLazy: false })
    },
    ImportExpression(node) {
      const literal = node.source.type === 'Literal' ? node.source.value : undefined
      if (typeof literal === 'string') refer(literal, node.start, { isTypeOnly: false, isLazy: true })
    },
    TSImportType: (node) => void refer(node.source.value, node.start, { isTypeOnly: true, isLazy: false }),
    CallExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'fetch') network.push(lineOf(node.start))
    },
    NewExpression(node) {
      if (node.callee.type === 'Identifier' && /^(EventSource|WebSocket|XMLHttpRequest)$/.test(node.callee.name))
        network.push(lineOf(node.start))
    },
    MemberExpression(node) {
      const name =
        node.property.type === 'Identifier'
          ? node.property.name
          : node.property.type === 'Literal'
            ? node.property.value
            : undefined
      if (node.object.type === 'Identifier' && node.object.name === 'process' && name === 'env')
        environment.push(lineOf(node.start))
      if (node.object.type === 'Identifier' && /^(globalThis|window|self)$/.test(node.object.name) && name === 'fetch')
        network.push(lineOf(node.start))
    },
    VariableDeclarator(node) {
      if (node.init?.type !== 'Identifier' || node.init.name !== 'process' || node.id.type !== 'ObjectPattern') return
      const takesEnv = node.id.properties.some(
        (one) => one.type === 'RestElement' || (one.key.type === 'Identifier' && one.key.name === 'env'),
      )
      if (takesEnv) environment.push(lineOf(node.start))
    },
  }).visit(parsed.program)

  const statements = parsed.program.body.map((node): Statement => {
    const line = lineOf(node.start)
    if (node.type === 'ImportDeclaration') return { is: 'import', line }
    if (node.type === 'ExportAllDeclaration') return { is: 'star re-export', line }
    if (node.type === 'ExportNamedDeclaration' && node.source) return { is: 'list re-export', line }
    return { is: 'other', line }
  })
  return { path, references, statements, environment, network }
}

function targetOf(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined
}

function lineCounter(text: string): (offset: number) => number {
  const starts = [...text.matchAll(/\n/g)].map((match) => match.index + 1)
  return (offset) => 1 + starts.filter((start) => start <= offset).length
}
