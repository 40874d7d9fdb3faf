import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheDirectory, oneMaker } from '../services/cache.ts'
import { run, startServer } from '../services/children.ts'
import { clientIn } from './python.ts'
import type { ForeignClient } from './python.ts'

const INSTALL_TIME_MS = 10 * 60_000
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'

/** A library of Maven Central. */
export interface MavenLibrary {
  readonly group: string
  readonly artifact: string
  readonly version: string
}

/** A class path for the JDK's tools. */
export type JarsOrReason = { readonly jars: string } | { readonly missing: string }

/** A library with all that it needs, kept outside of the repository; or why there is none here. It takes a JDK and
 *  Maven, which are not fetched: no registry has both for every system. */
export async function jarsOf(library: MavenLibrary): Promise<JarsOrReason> {
  const title = `${library.group}:${library.artifact}:${library.version}`
  const name = `java-${createHash('sha256').update(title).digest('hex').slice(0, 12)}`
  const home = join(cacheDirectory(), name)
  const jars = join(home, 'jars', '*')
  // Written last: a download that was interrupted must not look like one that is there.
  const complete = join(home, 'complete')
  try {
    await run('javac', ['-version'])
    return await oneMaker(name, async () => {
      if (existsSync(complete)) return { jars }
      await rm(home, { recursive: true, force: true })
      await mkdir(home, { recursive: true })
      await writeFile(join(home, 'pom.xml'), projectThatNeeds(library))
      const where = [`-DoutputDirectory=${join(home, 'jars')}`, `-Dmaven.repo.local=${join(cacheDirectory(), 'maven')}`]
      const quietly = ['-B', '-q', '-ntp', '-f', join(home, 'pom.xml')]
      await run('mvn', [...quietly, COPY, '-DincludeScope=runtime', ...where], { timeout: INSTALL_TIME_MS })
      await writeFile(complete, `${title}\n`)
      return { jars }
    })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { missing: `no JDK with ${title}: ${message.trim().slice(-300)}` }
  }
}

const projectThatNeeds = ({ group, artifact, version }: MavenLibrary) => `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>foreign</groupId>
  <artifactId>client</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>
`

export interface JavaProgram {
  /** The class of clients/java/ with `main`. */
  readonly main: string
  readonly compiledWith: string
  readonly runWith: string
  readonly parameters: readonly string[]
  /** Where it finds commands before all others. */
  readonly commands?: string
}

/** Compiles a program of clients/java/ and starts it. It answers JSON lines as those in Python do. What it makes is in a
 *  folder of the caller's. */
export async function startJavaClient(program: JavaProgram, folder: string): Promise<ForeignClient> {
  const { main, compiledWith, runWith, parameters, commands } = program
  const source = fileURLToPath(new URL(`./clients/java/${main}.java`, import.meta.url))
  await run('javac', ['-encoding', 'UTF-8', '-nowarn', '-d', folder, '-cp', compiledWith, source])
  const { PATH = '', ...env } = process.env
  const server = startServer(
    'java',
    [`-Djava.io.tmpdir=${folder}`, '-cp', [folder, runWith].join(delimiter), main, ...parameters],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Java names files by the locale, and the C locale has no umlauts.
      env: {
        ...env,
        TMPDIR: folder,
        LC_ALL: 'C.UTF-8',
        PATH: commands === undefined ? PATH : [commands, PATH].join(delimiter),
      },
    },
  )
  return clientIn(main, server)
}
