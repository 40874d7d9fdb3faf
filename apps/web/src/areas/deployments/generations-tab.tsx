import type { GenerationRecord } from '@stead/contracts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { GitCompareArrows } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useProject } from '../../frame/project.ts'
import { useActs } from '../../frame/acts.tsx'
import { Reading } from '../../live/reading.tsx'
import { tabs } from '../../strings/deployment-tabs.ts'
import { say } from '../../strings/message.ts'
import { Button } from '../../ui/button.tsx'
import { Tick } from '../../ui/field.tsx'
import { useKeys } from '../../ui/keys.ts'
import { duration } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { deploymentLink } from './change-address.ts'
import { useDeploymentName } from './deployment-page.tsx'
import { KindIcon } from './generation-kind.tsx'
import { GenerationPage } from './generation-page.tsx'
import { generationsQuery } from './generation.queries.ts'
import { routesInWords } from './generation-diff.ts'
import css from './generations-tab.module.css'
import { ShareBar } from './share-bar.tsx'
import { kindInWords } from './states.ts'

const words = tabs.generations

/** Every route table that there was, or one of them. */
export function GenerationsTab() {
  const { generation } = useParams({ strict: false }) as { generation?: string }
  return generation === undefined ? (
    <Generations />
  ) : (
    <GenerationPage key={generation} generation={Number(generation)} />
  )
}

function Generations() {
  const project = useProject()
  const name = useDeploymentName()
  const reading = useInfiniteQuery(generationsQuery(project, name))
  const all = useMemo(() => reading.data?.pages.flatMap(({ generations }) => generations) ?? [], [reading.data])
  const { ticked, tick, clear } = useTicks()
  const compare = useCompare(ticked)
  useKeys({
    x: () => {
      const row = document.activeElement?.closest<HTMLElement>('tr[data-index]')
      const record = row && all[Number(row.dataset.index)]
      if (record) tick(record.generation)
    },
  })
  const columns = useMemo(
    () => columnsFor(project, name, all[0]?.generation, ticked, tick),
    [project, name, all, ticked, tick],
  )
  const navigate = useNavigate()
  return (
    <Panel title={words.title} note={words.note} acts={<Compare ticked={ticked} onCompare={compare} onClear={clear} />}>
      <Reading of={reading} what={words.what} rows={6}>
        {() => (
          <>
            <Table
              label={words.title}
              columns={columns}
              rows={all}
              keyOf={({ generation }) => String(generation)}
              isSelected={({ generation }) => ticked.includes(generation)}
              onOpen={({ generation }) =>
                void navigate(deploymentLink(project, name, `/generations/${generation}`) as never)
              }
            />
            {reading.hasNextPage && (
              <div className={css.more}>
                <Button busy={reading.isFetchingNextPage} onClick={() => void reading.fetchNextPage()}>
                  {words.older}
                </Button>
              </div>
            )}
          </>
        )}
      </Reading>
    </Panel>
  )
}

/** At most two: a third takes the place of the one that was ticked first. */
function useTicks() {
  const [ticked, setTicked] = useState<readonly number[]>([])
  return useMemo(
    () => ({
      ticked,
      tick: (generation: number) =>
        setTicked((before) =>
          before.includes(generation) ? before.filter((one) => one !== generation) : [...before, generation].slice(-2),
        ),
      clear: () => setTicked([]),
    }),
    [ticked],
  )
}

function useCompare(ticked: readonly number[]) {
  const project = useProject()
  const name = useDeploymentName()
  const navigate = useNavigate()
  const [one, other] = ticked.toSorted((a, b) => a - b)
  const because = other === undefined ? words.tickTwo : undefined
  const compare = () => {
    if (other === undefined) return
    void navigate(deploymentLink(project, name, `/generations/${other}`, { against: String(one) }) as never)
  }
  useActs([
    {
      id: 'compare',
      label: words.compareTwo,
      key: 'c',
      icon: <GitCompareArrows size={14} />,
      because,
      run: compare,
    },
  ])
  return compare
}

function Compare({
  ticked,
  onCompare,
  onClear,
}: {
  ticked: readonly number[]
  onCompare: () => void
  onClear: () => void
}) {
  const [one, other] = ticked.toSorted((a, b) => a - b)
  return (
    <>
      <span className="heard-only" role="status">
        {ticked.length > 0 && say(words.ticked, { count: ticked.length })}
      </span>
      {ticked.length > 0 && (
        <Button look="quiet" onClick={onClear}>
          {words.clear}
        </Button>
      )}
      <Button icon={<GitCompareArrows />} because={other === undefined ? words.tickTwo : undefined} onClick={onCompare}>
        {other === undefined ? words.compareTwo : say(words.compare, { one: String(one), other: String(other) })}
      </Button>
    </>
  )
}

const took = ({ stages }: GenerationRecord, name: string): string => {
  const stage = stages.find((one) => one.name === name)
  return stage ? duration(stage.ms) : '–'
}

function columnsFor(
  project: string,
  name: string,
  newest: number | undefined,
  ticked: readonly number[],
  tick: (generation: number) => void,
): Column<GenerationRecord>[] {
  const { columns } = words
  return [
    {
      id: 'tick',
      title: <span className="heard-only">{columns.tick}</span>,
      heading: columns.tick,
      width: '44px',
      phone: 'state',
      cell: ({ generation }) => (
        <Tick
          checked={ticked.includes(generation)}
          aria-label={say(words.tick, { generation: String(generation) })}
          onChange={() => tick(generation)}
        />
      ),
    },
    {
      id: 'generation',
      title: columns.generation,
      phone: 'name',
      cell: ({ generation }) => (
        <Link {...deploymentLink(project, name, `/generations/${generation}`)} className={css.generation}>
          g{generation}
          {generation === newest && <small className="faint"> {words.now}</small>}
        </Link>
      ),
    },
    {
      id: 'change',
      title: columns.change,
      cell: ({ kind, restores }) => (
        <span className={`row ${kind === 'rollback' ? css.rollback : ''}`}>
          <KindIcon kind={kind} />
          <span className="nowrap">
            {kindInWords(kind)}
            {restores !== null && (
              <small className="faint"> {say(words.restores, { generation: String(restores) })}</small>
            )}
          </span>
        </span>
      ),
    },
    {
      id: 'routes',
      title: columns.routes,
      cell: (record) => (
        <span className="row">
          <ShareBar table={record} small />
          <span className="wrap">{routesInWords(record)}</span>
        </span>
      ),
    },
    {
      id: 'why',
      title: columns.why,
      phone: 'line',
      cell: ({ reason }) =>
        reason === '' ? <span className="not-on-phone">–</span> : <span className="wrap">{reason}</span>,
    },
    { id: 'who', title: columns.who, cell: ({ actor }) => <span className="dim wrap">{actor}</span> },
    { id: 'prepare', title: columns.prepare, align: 'end', cell: (record) => took(record, 'prepare') },
    { id: 'commit', title: columns.commit, align: 'end', cell: (record) => took(record, 'commit') },
    { id: 'when', title: columns.when, align: 'end', cell: ({ committedAt }) => <Ago at={committedAt} /> },
  ]
}
