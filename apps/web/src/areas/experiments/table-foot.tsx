import { say } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import { Button } from '../../ui/button.tsx'
import type { Look } from './look.ts'
import css from './runs-page.module.css'

/** How many there are, how many of them were read, and whether there are new ones. */
export function TableFoot({
  look,
  total,
  groups,
  read,
  isNested,
  fresh,
  onFresh,
}: {
  look: Look
  total: number | undefined
  groups: { readonly groups: readonly unknown[]; readonly total: number } | undefined
  read: number | undefined
  isNested: boolean
  fresh: number
  onFresh: () => void
}) {
  if (total === undefined) return null
  const isFiltered = look.filter !== '' || look.state !== 'active'
  const isPart = !isNested && read !== undefined && read < total
  return (
    <div className={css.foot}>
      <span className="num">{say(isFiltered ? words.match : words.matchAll, { count: total })}</span>
      {groups && <span className="num">{say(words.groups, { count: groups.total })}</span>}
      {groups && groups.groups.length < groups.total && (
        <span>{say(words.mostGroups, { count: groups.groups.length })}</span>
      )}
      {isPart && <span className="faint num">{say(words.shown, { shown: read })}</span>}
      {fresh > 0 && (
        <span className="row" role="status">
          {say(words.isNew, { count: fresh })}
          <Button size="small" onClick={onFresh}>
            {words.showNew}
          </Button>
        </span>
      )}
    </div>
  )
}
