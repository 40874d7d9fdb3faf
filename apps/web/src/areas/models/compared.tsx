import type { Version } from '@stead/contracts'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { bytes } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import css from './version-page.module.css'

interface Row {
  readonly fact: string
  readonly before: string
  readonly now: string
}

/** What else two versions differ in, besides what they take and give; what is the same is counted. */
export function Compared({ version, other }: { version: Version; other: Version }) {
  const all = [...factsOf(version, other), ...filesOf(version, other)]
  const rows = all.filter(({ before, now }) => before !== now)
  const sames = all.length - rows.length
  const v = (number: number) => `v${number}`
  return (
    <Panel title={say(words.differs, { version: other.version })}>
      {rows.length > 0 && (
        <Table
          label={say(words.differs, { version: other.version })}
          columns={[
            { id: 'fact', title: words.fact, phone: 'line', width: '30%', cell: ({ fact }) => fact },
            { id: 'before', title: v(other.version), cell: ({ before }) => <span className="dim wrap">{before}</span> },
            { id: 'now', title: v(version.version), cell: ({ now }) => <span className="wrap">{now}</span> },
          ]}
          rows={rows}
          keyOf={({ fact }) => fact}
        />
      )}
      <p className={rows.length > 0 ? css.foot : 'pad dim'}>
        {rows.length > 0 ? say(words.differsSame, { count: sames }) : words.differsNone}
      </p>
    </Panel>
  )
}

function factsOf(version: Version, other: Version): Row[] {
  const fact = (name: string, of: (one: Version) => string | undefined): Row => ({
    fact: name,
    before: of(other) || words.nothing,
    now: of(version) || words.nothing,
  })
  return [
    fact(words.columns.runtime, ({ runtime }) => runtime),
    fact(words.columns.size, ({ size }) => bytes(size)),
    fact(words.run, ({ provenance }) => provenance.sourceRun),
    fact(words.data, ({ provenance }) => provenance.dataset),
    fact(words.code, ({ provenance }) => provenance.commit),
  ]
}

/** Files by their paths; the same bytes under the same path are the same. */
function filesOf(version: Version, other: Version): Row[] {
  const paths = [...new Set([...other.files, ...version.files].map(({ path }) => path))]
  const at = (one: Version, path: string) => {
    const file = one.files.find((candidate) => candidate.path === path)
    return file ? `${bytes(file.size)}, ${file.digest.slice(7, 15)}` : words.nothing
  }
  return paths.map((path) => ({ fact: path, before: at(other, path), now: at(version, path) }))
}
