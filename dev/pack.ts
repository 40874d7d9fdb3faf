import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Compiles and packs what is published. In the repository the packages run from their sources; a package in
 *  `node_modules` cannot, for Node strips no types there. Usage: node dev/pack.ts FOLDER */
export const PUBLISHED = ['libs/contracts', 'libs/sdk', 'apps/cli'] as const

const root = fileURLToPath(new URL('..', import.meta.url))

interface Manifest {
  name: string
  version: string
  /** A source for each entry. */
  exports?: Record<string, string>
  files?: string[]
  dependencies?: Record<string, string>
  [key: string]: unknown
}

/** Writes one tarball per package into `to` and returns their paths, each after what it depends on. */
export function packAll(to: string): string[] {
  mkdirSync(to, { recursive: true })
  const staging = mkdtempSync(join(tmpdir(), 'stead-pack-'))
  // The declarations of one package are read by the next; what they import is found here.
  symlinkSync(join(root, 'node_modules'), join(staging, 'node_modules'))
  try {
    return PUBLISHED.map((folder) => packOne(folder, staging, resolve(to)))
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

function packOne(folder: string, staging: string, to: string): string {
  const place = join(staging, folder)
  mkdirSync(place, { recursive: true })
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest
  compile(folder, place, staging)
  for (const name of ['bin', 'README.md']) {
    if (existsSync(join(root, folder, name))) cpSync(join(root, folder, name), join(place, name), { recursive: true })
  }
  cpSync(join(root, 'LICENSE'), join(place, 'LICENSE'))
  writeFileSync(join(place, 'package.json'), JSON.stringify(published(manifest), null, 2))
  const printed = execFileSync('npm', ['pack', '--json', '--pack-destination', to], {
    cwd: place,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [packed] = JSON.parse(printed) as { filename: string }[]
  return join(to, packed!.filename)
}

function compile(folder: string, place: string, staging: string): void {
  const declarations = (name: string, path: string) => [join(staging, 'libs', name, 'dist', path)]
  const paths = {
    '@stead/contracts': declarations('contracts', 'index.d.ts'),
    '@stead/sdk': declarations('sdk', 'index.d.ts'),
    '@stead/sdk/tracking': declarations('sdk', 'tracking/node.d.ts'),
  }
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      outDir: join(place, 'dist'),
      rootDir: join(root, folder, 'src'),
      paths,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: [join(root, folder, 'src')],
    exclude: ['spec', 'fixture'].map((kind) => join(root, folder, `src/**/*.${kind}.ts`)),
  }
  const path = join(place, 'tsconfig.json')
  writeFileSync(path, JSON.stringify(config))
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', path], { stdio: 'inherit' })
  rmSync(path)
}

/** The manifest of the published package: compiled files instead of sources, and nothing of the workspace. */
function published(manifest: Manifest): Manifest {
  const {
    private: _,
    scripts: __,
    devDependencies: ___,
    ...kept
  } = manifest as Manifest & Record<'private' | 'scripts' | 'devDependencies', unknown>
  // The platform itself is not published; the three commands that start it say so.
  const dependencies = Object.fromEntries(
    Object.entries(kept.dependencies ?? {}).filter(([name]) => name !== '@stead/chassis'),
  )
  return {
    ...kept,
    dependencies,
    files: ['dist', 'bin', 'README.md', 'LICENSE'],
    engines: { node: manifest.name === 'stead' ? '>=20' : '>=24' },
    ...(kept.bin === undefined ? {} : { optionalDependencies: nodePackages() }),
    ...(kept.exports === undefined ? {} : { exports: compiledExports(kept.exports) }),
  } as Manifest
}

function compiledExports(sources: Record<string, string>): Record<string, { types: string; default: string }> {
  return Object.fromEntries(
    Object.entries(sources).map(([entry, source]) => {
      const compiled = source.replace('./src/', './dist/').replace(/\.ts$/, '')
      return [entry, { types: `${compiled}.d.ts`, default: `${compiled}.js` }]
    }),
  )
}

/** The packages that bring the Node the command line runs under, as the workspace has them. */
function nodePackages(): Record<string, string> {
  return (
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { optionalDependencies: Record<string, string> }
  ).optionalDependencies
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const tarball of packAll(process.argv[2] ?? 'dist')) console.log(tarball)
}
