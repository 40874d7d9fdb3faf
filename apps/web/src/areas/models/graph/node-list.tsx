import { say } from '../../../strings/message.ts'
import { models as words } from '../../../strings/models.ts'
import { Table } from '../../../ui/table.tsx'
import type { Column } from '../../../ui/table.tsx'
import type { Box, Folded } from './fold.ts'
import css from './graph.module.css'
import { nameOf, nodeName } from './graph-words.ts'

const SHOWN = 3

/** The same graph as a list, in the order of execution, with what each node takes from and gives to. */
export function NodeList({
  folded,
  open,
  onOpen,
}: {
  folded: Folded
  open: string | undefined
  onOpen: (id: string) => void
}) {
  const others = (ids: readonly string[] | undefined) => (
    <span>
      {ids?.slice(0, SHOWN).map((id) => (
        <div key={id}>
          <button type="button" className={`link ${css.go}`} onClick={() => onOpen(id)}>
            {nameOf(folded.byId.get(id)!)}
          </button>
        </div>
      ))}
      {(ids?.length ?? 0) > SHOWN && (
        <small className="faint">{say(words.moreDeployments, { count: ids!.length - SHOWN })}</small>
      )}
      {ids === undefined && <span className="faint">{words.nothing}</span>}
    </span>
  )
  const columns: Column<Box>[] = [
    {
      id: 'operator',
      title: words.operator,
      phone: 'line',
      width: '28%',
      cell: (box) => (
        <button type="button" className={css.go} aria-pressed={open === box.id} onClick={() => onOpen(box.id)}>
          <b>{box.kind === 'node' ? box.title : nameOf(box)}</b>
          {box.node && <small className="dim wrap"> {nodeName(box)}</small>}
        </button>
      ),
    },
    {
      id: 'from',
      title: words.takesFrom,
      width: '26%',
      phone: 'line',
      cell: ({ id }) => others(folded.before.get(id)),
    },
    { id: 'to', title: words.givesTo, width: '26%', phone: 'line', cell: ({ id }) => others(folded.after.get(id)) },
    {
      id: 'weights',
      title: words.weights,
      width: '20%',
      cell: ({ subtitle, sources }) => {
        const count = sources.filter(({ is }) => is === 'weight').length
        if (count === 0) return <span className="faint">{words.nothing}</span>
        return (
          <span className="dim wrap" title={subtitle}>
            {say(words.weightsCount, { count })}
          </span>
        )
      },
    },
  ]
  return (
    <Table
      label={words.graph}
      columns={columns}
      rows={folded.boxes}
      keyOf={({ id }) => id}
      fixed
      onOpen={({ id }) => onOpen(id)}
      isSelected={({ id }) => id === open}
    />
  )
}
