import { addGolden, removeGolden } from '@stead/contracts'
import type { Deployment, GoldenRequest } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { CircleDot, ChevronDown, ChevronRight, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { readings } from '../../live/stale.ts'
import { tabs } from '../../strings/deployment-tabs.ts'
import { say } from '../../strings/message.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/copy.tsx'
import { Panel } from '../../ui/panel.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import type { Mark } from '../../ui/state-mark.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { tell } from '../../ui/toast.tsx'
import { Banner, Empty } from '../../ui/waiting.tsx'
import css from './checks-tab.module.css'
import { useDeployment } from './deployment-page.tsx'
import { goldenQuery, historyQuery } from './deployment.queries.ts'
import { GoldenAdd } from './golden-add.tsx'
import { GoldenRecord } from './golden-record.tsx'
import { lastResults, mustInWords } from './golden-words.ts'
import type { LastResult } from './golden-words.ts'

const words = tabs.checks

/** The kept requests that every version must answer as before. */
export function ChecksTab() {
  const { data: deployment } = useDeployment()
  return deployment ? <Checks deployment={deployment} /> : null
}

function Checks({ deployment }: { deployment: Deployment }) {
  const project = useProject()
  const { name } = deployment
  const reading = useQuery(goldenQuery(project, name))
  const { asked, open, close } = useGoldenDialog()
  const [recording, setRecording] = useState<{ count: number; from: number }>()
  const there = reading.data?.golden.length ?? 0
  const add = useMay('golden.add').because
  const record = useMay('golden.record').because
  return (
    <>
      {recording && <Recording {...recording} there={there} />}
      <Panel
        title={words.title}
        note={words.says}
        acts={
          <>
            <Button icon={<CircleDot />} because={record} onClick={() => open('record')}>
              {words.record}
            </Button>
            <Button icon={<Plus />} because={add} onClick={() => open('golden')}>
              {words.add}
            </Button>
          </>
        }
      >
        <Reading of={reading} what={words.what}>
          {({ golden }) =>
            golden.length === 0 ? (
              <Empty
                title={words.emptyTitle}
                says={words.emptySays}
                command={say(words.emptyCommand, { deployment: name })}
              />
            ) : (
              <List deployment={deployment} golden={golden} />
            )
          }
        </Reading>
      </Panel>
      {asked === 'golden' && <GoldenAdd project={project} deployment={deployment} onClose={close} />}
      {asked === 'record' && (
        <GoldenRecord
          project={project}
          deployment={deployment}
          onClose={close}
          onBegun={(count) => setRecording({ count, from: there })}
        />
      )}
    </>
  )
}

function useGoldenDialog() {
  const { do: asked } = useSearch({ strict: false }) as { do?: string }
  const navigate = useNavigate()
  const go = (name: string | undefined) =>
    void navigate({ to: '.', search: name === undefined ? {} : { do: name } } as never)
  return { asked, open: go, close: () => go(undefined) }
}

function Recording({ count, from, there }: { count: number; from: number; there: number }) {
  const got = Math.min(Math.max(there - from, 0), count)
  return (
    <Banner is="off">
      {got >= count ? (
        say(words.recorded, { count })
      ) : (
        <>
          {say(words.recording, { count })} {say(words.recordingMore, { got, count })}
        </>
      )}
    </Banner>
  )
}

function List({ deployment, golden }: { deployment: Deployment; golden: readonly GoldenRequest[] }) {
  const project = useProject()
  const history = useQuery(historyQuery(project, deployment.name)).data?.generations
  const lastOf = lastResults(history ?? [], deployment)
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const remove = useRemove(deployment)
  const { because } = useMay('golden.remove')
  const fold = (name: string) => {
    const next = new Set(open)
    if (!next.delete(name)) next.add(name)
    setOpen(next)
  }
  return (
    <Table
      label={words.title}
      columns={columnsFor(open, fold, lastOf, remove, because)}
      rows={golden}
      keyOf={({ name }) => name}
      below={(one) => (open.has(one.name) ? <Whole golden={one} /> : null)}
    />
  )
}

function Whole({ golden: { name, request, assertion } }: { golden: GoldenRequest }) {
  const kept = assertion.kind === 'close' || assertion.kind === 'exact' ? assertion.outputs : undefined
  return (
    <div className={css.whole}>
      <CodeBlock text={JSON.stringify(request, null, 2)} label={say(words.requestOf, { name })} />
      {kept && <CodeBlock text={JSON.stringify(kept, null, 2)} label={say(words.expected, { name })} />}
    </div>
  )
}

/** Removed at once, and back at once: it is all that is known of it. */
function useRemove({ name: deployment }: Deployment) {
  const project = useProject()
  const queries = useQueryClient()
  const fresh = () => queries.invalidateQueries({ queryKey: readings.golden(project, deployment) })
  const restore = async ({ name, request, assertion }: GoldenRequest) => {
    await client.call(addGolden, { params: { project, deployment }, body: { name, request, assertion } })
    await fresh()
    tell(say(words.restored, { name }))
  }
  return (golden: GoldenRequest) => {
    const failed = (error: unknown) => tell(sentenceOf(error), { failed: true })
    client
      .call(removeGolden, { params: { project, deployment, golden: golden.name } })
      .then(async () => {
        await fresh()
        tell(say(words.removed, { name: golden.name }), { undo: () => void restore(golden).catch(failed) })
      })
      .catch(failed)
  }
}

const MARKS: Record<LastResult['is'], Mark> = {
  passed: 'passed',
  failed: 'failed',
  aside: 'off',
  waiting: 'waiting',
}

function columnsFor(
  open: ReadonlySet<string>,
  fold: (name: string) => void,
  lastOf: (name: string) => LastResult,
  remove: (golden: GoldenRequest) => void,
  /** Why whoever looks may not remove one. */
  because: string | undefined,
): Column<GoldenRequest>[] {
  return [
    {
      id: 'name',
      title: words.columns.name,
      phone: 'name',
      cell: ({ name }) => (
        <button type="button" className={css.name} aria-expanded={open.has(name)} onClick={() => fold(name)}>
          {open.has(name) ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
          <span className="wrap">{name}</span>
        </button>
      ),
    },
    {
      id: 'must',
      title: words.columns.must,
      phone: 'line',
      cell: ({ assertion }) => <span className="wrap">{mustInWords(assertion)}</span>,
    },
    {
      id: 'last',
      title: words.columns.last,
      phone: 'line',
      cell: ({ name }) => {
        const { is, says } = lastOf(name)
        return (
          <span className={`${css.last} ${css[is] ?? ''}`}>
            <StateMark is={MARKS[is]} />
            <span className="wrap">{says}</span>
          </span>
        )
      },
    },
    { id: 'kept', title: words.columns.kept, align: 'end', cell: ({ createdAt }) => <Ago at={createdAt} /> },
    {
      id: 'remove',
      title: <span className="heard-only">{words.columns.remove}</span>,
      heading: words.columns.remove,
      align: 'end',
      width: '48px',
      phone: 'state',
      cell: (golden) => (
        <IconButton
          look="quiet"
          size="small"
          label={say(words.remove, { name: golden.name })}
          icon={<Trash2 />}
          because={because}
          onClick={() => remove(golden)}
        />
      ),
    },
  ]
}
