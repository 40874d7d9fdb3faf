import type { Run, RunDataset } from '@stead/contracts'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { say } from '../../strings/message.ts'
import { run as words } from '../../strings/run.ts'
import { ui } from '../../strings/ui.ts'
import { CodeBlock } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import { rowsIn, schemaColumns, sourceOf } from './dataset-schema.ts'
import css from './runs.module.css'

const CONTEXT = 'mlflow.data.context'
const idOf = ({ name, digest }: RunDataset) => `${name}@${digest}`

/** What data the run read; the address says which of them is open. */
export function RunDatasets({ run: { datasets } }: { run: Run }) {
  const navigate = useNavigate()
  const { dataset: asked } = useSearch({ strict: false }) as { dataset?: string }
  const show = (dataset: string | undefined) =>
    void navigate({ to: '.', search: (before) => ({ ...before, dataset }) as never, replace: dataset === undefined })
  const open = datasets.find((one) => idOf(one) === asked)
  if (datasets.length === 0) return null
  return (
    <Panel title={words.datasets}>
      <Table
        label={words.datasets}
        rows={datasets}
        keyOf={idOf}
        onOpen={(dataset) => show(idOf(dataset))}
        columns={[
          {
            id: 'name',
            title: words.dataset,
            phone: 'name',
            cell: (dataset) => (
              <button
                type="button"
                className={`${css.quiet} wrap`}
                aria-label={say(words.seeDataset, { name: dataset.name })}
                onClick={() => show(idOf(dataset))}
              >
                {dataset.name}
              </button>
            ),
          },
          { id: 'digest', title: words.datasetDigest, cell: ({ digest }) => <code className="wrap">{digest}</code> },
          { id: 'use', title: words.datasetUse, cell: ({ tags }) => tags[CONTEXT] ?? ui.none },
          { id: 'size', title: words.datasetSize, align: 'end', cell: ({ profile }) => <Rows profile={profile} /> },
        ]}
      />
      {open && <DatasetDialog dataset={open} onClose={() => show(undefined)} />}
    </Panel>
  )
}

function Rows({ profile }: { profile: string | null }) {
  const rows = rowsIn(profile)
  return rows === undefined ? ui.none : say(words.datasetRows, { count: rows })
}

function DatasetDialog({ dataset, onClose }: { dataset: RunDataset; onClose: () => void }) {
  const columns = schemaColumns(dataset.schema)
  const { url, text } = sourceOf(dataset.source)
  return (
    <Dialog title={dataset.name} onClose={onClose}>
      <div className="stack">
        <Facts>
          <Fact name={words.datasetDigest}>
            <code className="wrap">{dataset.digest}</code>
          </Fact>
          <Fact name={words.datasetUse}>{dataset.tags[CONTEXT] ?? words.unknown}</Fact>
          <Fact name={words.datasetSize}>
            <Rows profile={dataset.profile} />
          </Fact>
          <Fact name={words.datasetSource}>
            {url === undefined ? (
              <span className="wrap">{text}</span>
            ) : (
              <a href={url} className="link wrap" rel="noreferrer noopener" target="_blank">
                {text}
              </a>
            )}
          </Fact>
        </Facts>
        {columns ? (
          <div className={css.scrolls} tabIndex={0} role="region" aria-label={words.schema}>
            <Table
              label={words.schema}
              rows={columns}
              keyOf={({ name }) => name}
              columns={[
                {
                  id: 'name',
                  title: words.column,
                  phone: 'name',
                  cell: ({ name }) => <span className="wrap">{name}</span>,
                },
                { id: 'type', title: words.type, cell: ({ type }) => <code className="wrap">{type}</code> },
                {
                  id: 'needed',
                  title: words.needed,
                  cell: ({ isRequired }) => (isRequired === undefined ? ui.none : isRequired ? words.yes : words.no),
                },
              ]}
            />
          </div>
        ) : dataset.schema ? (
          <CodeBlock text={dataset.schema} label={words.rawSchema} />
        ) : (
          <p className="dim">{words.noSchema}</p>
        )}
      </div>
    </Dialog>
  )
}
