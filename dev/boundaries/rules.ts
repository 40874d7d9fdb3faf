import { isServerAdapter, isTest, isUseCase, packageNamed, packageOf, roleOf } from './places.ts'
import type { Reference, SourceFile } from './source.ts'

export interface Violation {
  readonly rule: string
  readonly path: string
  readonly line: number
  readonly says: string
}

type Found = Pick<Violation, 'line' | 'says'>

/** One boundary. Each has a folder of its name in dev/lint-proof/ with a file that breaks it. */
export interface Rule {
  readonly name: string
  check(file: SourceFile): Found[]
}

/** Who may import whom. An arrow that is not here does not exist. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'libs/contracts': [],
  'libs/chassis': [],
  'libs/sdk': ['libs/contracts'],
  'apps/server': ['libs/contracts', 'libs/chassis'],
  'apps/runner': ['libs/contracts', 'libs/chassis', 'libs/sdk'],
  'apps/worker': ['libs/contracts', 'libs/chassis', 'libs/sdk'],
  'apps/cli': ['libs/contracts', 'libs/sdk'],
  'apps/web': ['libs/contracts', 'libs/sdk'],
}

/** The commands that run the platform supervise processes; no other command pays for what that takes. */
const RUNS_THE_PLATFORM = /^apps\/cli\/src\/(commands\/)?(up|server|runner)\./

/** Files beside env.ts that may touch the environment, each with its reason. */
const MAY_TOUCH_ENVIRONMENT: ReadonlyMap<string, string> = new Map([
  ['apps/cli/src/terminal.ts', 'reads for every command, once'],
  [
    'apps/runner/src/engines/host-process.ts',
    'a host gets the few variables a process cannot do without, and no secret',
  ],
  ['libs/chassis/src/supervised-process.ts', 'a child inherits the environment of its parent'],
])

const onReferences =
  (check: (reference: Reference, file: SourceFile) => string | undefined) =>
  (file: SourceFile): Found[] =>
    file.references.flatMap((reference) => {
      const says = check(reference, file)
      return says === undefined ? [] : [{ line: reference.line, says }]
    })

const homeOf = ({ specifier, target }: Reference) =>
  target === undefined ? packageNamed(specifier)?.home : packageOf(target)

const packageArrows: Rule = {
  name: 'package-arrows',
  check: onReferences((reference, { path }) => {
    const from = packageOf(path)
    const to = homeOf(reference)
    if (from === undefined || to === undefined || from === to || isTest(path)) return undefined
    if (ARROWS[from]?.includes(to)) return undefined
    if (to === 'libs/chassis' && RUNS_THE_PLATFORM.test(path)) return undefined
    return `${from} may not import ${to}, only: ${ARROWS[from]?.join(', ') || 'nothing of ours'}`
  }),
}

const appsNeverImportApps: Rule = {
  name: 'apps-never-import-apps',
  check: onReferences((reference, { path }) => {
    const from = packageOf(path)
    const to = homeOf(reference)
    if (from === to || isTest(path) || !from?.startsWith('apps/') || !to?.startsWith('apps/')) return undefined
    return 'deployables meet over the network: put what both need into the contract'
  }),
}

const networkThroughTheSdk: Rule = {
  name: 'network-through-the-sdk',
  check: ({ path, network }) =>
    path.startsWith('apps/web/src/')
      ? network.map((line) => ({
          line,
          says: 'the console is a client like any other: what it asks goes through the SDK',
        }))
      : [],
}

const uiKnowsNoDomain: Rule = {
  name: 'ui-knows-no-domain',
  check: onReferences(({ specifier, target }, { path }) => {
    if (!path.startsWith('apps/web/src/ui/')) return undefined
    const reaches =
      target?.startsWith('apps/web/src/') &&
      !/^apps\/web\/src\/(ui\/|strings\/(ui|charts|plots|message)\.ts$)/.test(target)
    return reaches || packageNamed(specifier) !== undefined
      ? 'the parts of every screen know no noun of the product: take what is shown as a parameter'
      : undefined
  }),
}

const packagesByName: Rule = {
  name: 'packages-by-name',
  check: onReferences(({ specifier, target }, { path }) => {
    const inside = packageNamed(specifier)?.inside
    if (inside) return `import the package by its name alone; "${inside.slice(1)}" is its own affair`
    const to = target === undefined ? undefined : packageOf(target)
    if (to === undefined || to === packageOf(path) || isTest(path)) return undefined
    return `import ${to} by its name, not by a path into it`
  }),
}

const noTestsInProduct: Rule = {
  name: 'no-tests-in-product',
  check: onReferences(({ target }, { path }) =>
    target !== undefined && isTest(target) && !isTest(path) && packageOf(path) !== undefined
      ? 'what serves users does not import what tests it'
      : undefined,
  ),
}

const adaptersOnlyInWiring: Rule = {
  name: 'adapters-only-in-wiring',
  check: onReferences(({ target }, { path }) => {
    if (target === undefined || !isServerAdapter(target) || !path.startsWith('apps/server/src/')) return undefined
    if (isServerAdapter(path) || isTest(path) || /^apps\/server\/src\/(wiring(-[a-z]+)?|start|main)\.ts$/.test(path))
      return undefined
    return 'only the wiring, start.ts and main.ts know the adapters; take the port as a parameter'
  }),
}

const useCasesKnowNoFramework: Rule = {
  name: 'use-cases-know-no-framework',
  check: onReferences(({ specifier, target }, { path }) => {
    if (!isUseCase(path)) return undefined
    if (target !== undefined && ['http', 'mlflow'].includes(roleOf(target) ?? ''))
      return 'a use case does not know who calls it'
    return /^(fastify|@fastify\/.*|kysely|kysely\/.*|pg|@electric-sql\/.*|@aws-sdk\/.*)$/.test(specifier)
      ? `a use case knows no ${specifier}; that belongs into an adapter`
      : undefined
  }),
}

const modelsRunInHosts: Rule = {
  name: 'models-run-in-hosts',
  check: onReferences(({ specifier, target }, { path }) => {
    if (isTest(path) || path.startsWith('apps/runner/src/runtimes/')) return undefined
    if (specifier.startsWith('onnxruntime-'))
      return 'only a runtime imports the engine: loading and running block the thread they are on'
    const isHost = /^apps\/runner\/src\/engines\/(host|batching|protocol)\b/.test(path)
    return target?.startsWith('apps/runner/src/runtimes/') && !isHost
      ? 'runtimes belong to engine hosts, never to the process that owns the ports'
      : undefined
  }),
}

const environmentOnlyInEnv: Rule = {
  name: 'environment-only-in-env',
  check({ path, environment }) {
    const isAllowed =
      isTest(path) ||
      path.startsWith('examples/') ||
      /(^|\/)(env|main|[^/]+\.config)\.ts$/.test(path) ||
      MAY_TOUCH_ENVIRONMENT.has(path)
    return isAllowed
      ? []
      : environment.map((line) => ({
          line,
          says: 'main.ts hands the environment to env.ts; everything else is given what it needs',
        }))
  },
}

const noCatchAllFolders: Rule = {
  name: 'no-catch-all-folders',
  check({ path }) {
    const folder = path
      .split('/')
      .slice(0, -1)
      .find((name) => /^(shared|common|utils?|helpers?|misc)$/i.test(name))
    return folder === undefined
      ? []
      : [{ line: 1, says: `a folder called "${folder}" says nothing; name it by what it is about` }]
  },
}

const isIndexOfLibrary = (path: string) => /^libs\/[^/]+\/src\/index\.ts$/.test(path)

const noBarrels: Rule = {
  name: 'no-barrels',
  check({ path, statements }) {
    const passesOn = statements.find(({ is }) => is === 'list re-export' || is === 'star re-export')
    if (isIndexOfLibrary(path) || !passesOn || statements.some(({ is }) => is === 'other')) return []
    return [
      { line: passesOn.line, says: 'this file only passes on what others export; import from where it is written' },
    ]
  },
}

const indexIsAList: Rule = {
  name: 'index-is-a-list',
  check({ path, statements }) {
    return statements.flatMap(({ is, line }) => {
      // The contracts are one vocabulary and exported whole; everywhere else a star would publish by accident.
      if (is === 'star re-export' && path !== 'libs/contracts/src/index.ts')
        return [{ line, says: 'name what is exported; "export *" publishes by accident' }]
      return is === 'other' && isIndexOfLibrary(path)
        ? [{ line, says: 'an index lists what the package exports and holds nothing itself' }]
        : []
    })
  },
}

export const RULES: readonly Rule[] = [
  packageArrows,
  appsNeverImportApps,
  networkThroughTheSdk,
  uiKnowsNoDomain,
  packagesByName,
  noTestsInProduct,
  adaptersOnlyInWiring,
  useCasesKnowNoFramework,
  modelsRunInHosts,
  environmentOnlyInEnv,
  noCatchAllFolders,
  noBarrels,
  indexIsAList,
]

export function violationsOf(file: SourceFile): Violation[] {
  return RULES.flatMap((rule) => rule.check(file).map((found) => ({ rule: rule.name, path: file.path, ...found })))
}
