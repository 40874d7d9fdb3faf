import type { RouteTable } from '@stead/contracts'
import { tabs } from '../../strings/deployment-tabs.ts'
import { say } from '../../strings/message.ts'
import { diffTables } from './generation-diff.ts'
import css from './generation-diff-table.module.css'

const words = tabs.diff

/** Two route tables side by side: only what differs. */
export function DiffTable({
  before,
  after,
  beforeLabel,
  afterLabel,
}: {
  before: RouteTable
  after: RouteTable
  beforeLabel: string
  afterLabel: string
}) {
  const { differing, equal } = diffTables(before, after)
  return (
    <div className={css.scroll}>
      <table className={css.table} aria-label={words.label}>
        <thead>
          <tr>
            <th scope="col">{words.what}</th>
            <th scope="col">{beforeLabel}</th>
            <th scope="col">{afterLabel}</th>
          </tr>
        </thead>
        <tbody>
          {differing.map(({ name, before: was, after: is }) => (
            <tr key={name}>
              <th scope="row" className="wrap">
                {name}
              </th>
              <td className="wrap dim">{was ?? words.nothing}</td>
              <td className="wrap">{is ?? <span className="dim">{words.nothing}</span>}</td>
            </tr>
          ))}
          <tr>
            <td colSpan={3} className="dim">
              {differing.length === 0 ? words.same : say(words.equal, { count: equal })}
            </td>
          </tr>
        </tbody>
      </table>
    </div>
  )
}
