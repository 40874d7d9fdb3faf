import { Copy } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useProject } from '../../frame/project.ts'
import { comparison as words } from '../../strings/comparison.ts'
import { say } from '../../strings/message.ts'
import { ui } from '../../strings/ui.ts'
import { IconButton } from '../../ui/button.tsx'
import { copyText } from '../../ui/copy.tsx'
import { Tick } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { SelectField } from '../../ui/select.tsx'
import { tell } from '../../ui/toast.tsx'
import { ComparisonGrid } from './comparison-grid.tsx'
import { loggedRows, shownRows } from './comparison-rows.ts'
import type { ComparedRow } from './comparison-rows.ts'
import css from './comparison.module.css'
import { runRows } from './run-rows.ts'
import type { RunLook } from './run-look.ts'
import { useComparison } from './use-comparison.ts'
import { useMadeRows } from './use-made-rows.ts'

/** A select of more would be no choice any more; the first run is the baseline then, or the one of the address. */
const MOST_CHOICES = 40

/** What each run has, row by row, and where they differ. */
export function ComparisonTable({ looks }: { looks: readonly RunLook[] }) {
  const project = useProject()
  const [search, change] = useComparison()
  const [text, setText] = useState(search.find ?? '')
  const runs = useMemo(() => looks.map(({ run }) => run), [looks])
  const made = useMadeRows(project, runs)
  const rows = useMemo(() => [...runRows(runs), ...made, ...loggedRows(runs)], [runs, made])
  // A single run has nothing to differ from.
  const onlyDifferent = search.rows !== 'all' && runs.length > 1
  const shown = useMemo(() => shownRows(rows, search.find ?? '', onlyDifferent), [rows, search.find, onlyDifferent])
  const hidden = onlyDifferent ? rows.filter(({ isDifferent }) => !isDifferent).length : 0
  const base = Math.max(
    runs.findIndex(({ id }) => id === search.base),
    0,
  )
  return (
    <Panel
      title={words.differences}
      note={hidden > 0 ? <span className="num">{say(words.equalHidden, { count: hidden })}</span> : undefined}
      acts={
        <>
          <Tick
            checked={onlyDifferent}
            disabled={runs.length < 2}
            onChange={(only) => change({ rows: only ? undefined : 'all' })}
          >
            {words.onlyDifferences}
          </Tick>
          {runs.length > 1 && runs.length <= MOST_CHOICES && (
            <>
              <span className="dim">{words.baseline}</span>
              <span className={css.baseline}>
                <SelectField
                  bare
                  label={words.baseline}
                  value={runs[base]?.id ?? null}
                  options={runs.map(({ id, name }) => ({ value: id, label: name }))}
                  onChange={(id) => change({ base: id })}
                />
              </span>
            </>
          )}
          <span className={css.find}>
            <SearchBox
              label={words.find}
              value={text}
              onChange={setText}
              onSettled={(find) => change({ find: find === '' ? undefined : find })}
            />
          </span>
          <IconButton
            look="quiet"
            size="small"
            label={words.copyTable}
            icon={<Copy />}
            onClick={() => void copyText(asText(looks, shown)).then(() => tell(ui.copied))}
          />
        </>
      }
    >
      {shown.length > 0 ? (
        <ComparisonGrid looks={looks} rows={shown} base={base} />
      ) : (
        <p className="pad dim">{search.find ? say(words.noneFound, { text: search.find }) : words.allEqual}</p>
      )}
    </Panel>
  )
}

/** As spreadsheets take it. */
function asText(looks: readonly RunLook[], rows: readonly ComparedRow[]): string {
  const flat = (cell: string) => cell.replaceAll(/[\t\r\n]+/g, ' ')
  return [
    ['', ...looks.map(({ run }) => run.name)],
    ...rows.map(({ key, values }) => [key, ...values.map((one) => one ?? '')]),
  ]
    .map((cells) => cells.map(flat).join('\t'))
    .join('\n')
}
