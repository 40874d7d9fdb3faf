import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ACTS, ROLE_SAYS, ROLES } from '@stead/contracts'
import type { ActRule, Circle } from '@stead/contracts'

/** Writes what each role may do into docs/access.md, from the table that the server judges by: `node dev/access-docs.ts`. */

export const PAGE = fileURLToPath(new URL('../docs/access.md', import.meta.url))
const BEGIN = '<!-- from libs/contracts/src/roles.ts by: node dev/access-docs.ts -->'
const END = '<!-- end of what is generated -->'

const CIRCLE_SAYS: Readonly<Record<Circle, string>> = {
  anyone: 'anyone, strangers too',
  'signed in': 'whoever has shown who they are',
  person: 'a person, for themselves',
  'installation owner': 'an owner of the installation',
  runner: 'a runner, by a join token',
}

/** The page with what lies between its marks written anew. */
export function withActs(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin)
    throw new Error(`docs/access.md lacks the marks "${BEGIN}" and "${END}", in this order.`)
  return `${page.slice(0, begin)}${BEGIN}\n\n${actTables()}\n\n${page.slice(end)}`
}

function actTables(): string {
  const acts = Object.entries<ActRule>(ACTS)
  const ofProject = acts.flatMap(([act, rule]) =>
    'roles' in rule ? [[`\`${act}\``, ...ROLES.map((role) => (rule.roles.includes(role) ? '✓' : ''))]] : [],
  )
  const beyond = acts.flatMap(([act, rule]) => ('circle' in rule ? [[`\`${act}\``, CIRCLE_SAYS[rule.circle]]] : []))
  return [
    table(
      ['role', 'what for'],
      ROLES.map((role) => [role, ROLE_SAYS[role]]),
    ),
    'In a project:',
    table(['act', ...ROLES], ofProject),
    'Beyond projects:',
    table(['act', 'for'], beyond),
  ].join('\n\n')
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`.replaceAll(/ +/g, ' ')
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(PAGE, withActs(await readFile(PAGE, 'utf8')))
