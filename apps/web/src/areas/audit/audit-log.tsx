import type { AuditEntry, AuditPage } from '@stead/contracts'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { Reading } from '../../live/reading.tsx'
import { audit as words } from '../../strings/audit.ts'
import { say } from '../../strings/message.ts'
import { Button } from '../../ui/button.tsx'
import { ShortDigest } from '../../ui/copy.tsx'
import { Panel } from '../../ui/panel.tsx'
import { StateMark, StateWord } from '../../ui/state-mark.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago, clockTime, dayOf } from '../../ui/time.tsx'
import { Banner, Empty } from '../../ui/waiting.tsx'
import { WholeEntry } from './audit-entry.tsx'
import { AuditFilters } from './audit-filters.tsx'
import css from './audit.module.css'
import { filtersOf } from './filters.ts'
import type { Filters } from './filters.ts'
import type { auditQuery } from './audit.queries.ts'

/** What the address says of a log: filters, and the entry that is open. */
export function useAuditView() {
  const search = useSearch({ strict: false }) as Record<string, string | undefined>
  const navigate = useNavigate()
  const go = (next: Filters & { entry?: string | undefined }) =>
    void navigate({
      to: '.',
      search: Object.fromEntries(Object.entries(next).filter(([, value]) => value)) as never,
      replace: true,
      resetScroll: false,
    })
  const filters = filtersOf(search)
  return {
    filters,
    open: search.entry,
    filter: (next: Filters) => go(next),
    unfold: (entry: string | undefined) => go({ ...filters, entry }),
  }
}

/** A log with its filters, its entries, and how far it is verified. */
export function AuditLog({
  query,
  title,
  view,
}: {
  query: ReturnType<typeof auditQuery>
  title: string
  view: ReturnType<typeof useAuditView>
}) {
  const reading = useInfiniteQuery(query)
  const newest = reading.data?.pages[0]
  return (
    <>
      {newest?.broken && (
        <div role="alert">
          <Banner is="failed">
            <b>{say(words.broken, { sequence: String(newest.broken.sequence), why: newest.broken.why })}</b>{' '}
            {words.brokenSays}
          </Banner>
        </div>
      )}
      <Panel title={title} note={newest && <Verified page={newest} />}>
        <AuditFilters filters={view.filters} onChange={view.filter} />
        <Reading of={reading} what={words.what} rows={8}>
          {(data) => <Entries data={data} reading={reading} view={view} />}
        </Reading>
      </Panel>
    </>
  )
}

function Verified({ page: { verified, broken } }: { page: AuditPage }) {
  if (broken)
    return (
      <StateWord is="failed">{say(words.broken, { sequence: String(broken.sequence), why: broken.why })}</StateWord>
    )
  if (!verified) return <>{words.notVerified}</>
  return (
    <StateWord is="passed">
      {say(words.verified, { sequence: String(verified.sequence), time: timeOf(verified.at) })}
    </StateWord>
  )
}

const timeOf = (at: string) => `${clockTime(at)}, ${dayOf(at)}`

function Entries({
  data: { pages },
  reading,
  view,
}: {
  data: InfiniteData<AuditPage>
  reading: UseInfiniteQueryResult<InfiniteData<AuditPage>>
  view: ReturnType<typeof useAuditView>
}) {
  const entries = pages.flatMap((page) => page.entries)
  const { verified = null, broken = null } = pages[0] ?? {}
  if (entries.length === 0)
    return Object.keys(view.filters).length > 0 ? (
      <Empty title={words.noneMatch} act={<Button onClick={() => view.filter({})}>{words.clear}</Button>} />
    ) : (
      <Empty title={words.nothing} says={words.nothingSays} />
    )
  // The line stands above the newest entry that is verified; with all of them verified, the head of the panel says so.
  const last = broken || !verified ? undefined : entries.findLast(({ sequence }) => sequence > verified.sequence)
  const isBelow = last !== undefined && last !== entries.at(-1)
  return (
    <>
      <Table
        label={words.table}
        fixed
        columns={columnsFor(view.open, view.unfold)}
        rows={entries}
        keyOf={({ sequence }) => String(sequence)}
        classOf={({ outcome }) => (outcome === 'denied' ? css.denied : undefined)}
        onOpen={({ sequence }) => view.unfold(view.open === String(sequence) ? undefined : String(sequence))}
        below={(entry) => {
          const isOpen = view.open === String(entry.sequence)
          const isLine = isBelow && entry === last
          if (!isOpen && !isLine) return null
          return (
            <>
              {isOpen && <WholeEntry entry={entry} />}
              {isLine && verified && (
                <p className={css.line}>
                  <StateMark is="passed" />
                  {say(words.verifiedHere, { sequence: String(verified.sequence), time: timeOf(verified.at) })}
                </p>
              )}
            </>
          )
        }}
      />
      {reading.hasNextPage && (
        <div className={css.more}>
          <Button busy={reading.isFetchingNextPage} onClick={() => void reading.fetchNextPage()}>
            {words.more}
          </Button>
        </div>
      )}
    </>
  )
}

/** Digests are told apart by their ends. */
function Subject({ text }: { text: string }) {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return <ShortDigest digest={text} />
  return <span className="wrap">{text}</span>
}

const columnsFor = (open: string | undefined, unfold: (entry: string | undefined) => void): Column<AuditEntry>[] => [
  {
    id: 'act',
    width: '26%',
    title: words.columns.act,
    phone: 'name',
    cell: ({ sequence, act, times }) => {
      const isOpen = open === String(sequence)
      return (
        <button
          type="button"
          className={css.fold}
          aria-expanded={isOpen}
          onClick={() => unfold(isOpen ? undefined : String(sequence))}
        >
          {isOpen ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
          <span className="wrap">
            <b>{act}</b>
            {times > 1 && <span className="dim"> {say(words.times, { count: times })}</span>}
          </span>
        </button>
      )
    },
  },
  {
    id: 'outcome',
    width: '10%',
    title: words.columns.outcome,
    phone: 'state',
    cell: ({ outcome }) =>
      outcome === 'denied' ? (
        <StateWord is="failed">{words.outcomes.denied}</StateWord>
      ) : (
        <span className="dim">{words.outcomes.done}</span>
      ),
  },
  {
    id: 'subject',
    width: '24%',
    title: words.columns.subject,
    phone: 'line',
    cell: ({ subject }) => <Subject text={subject} />,
  },
  { id: 'who', width: '14%', title: words.columns.who, cell: ({ actor }) => <span className="wrap">{actor}</span> },
  {
    id: 'from',
    width: '14%',
    title: words.columns.from,
    cell: ({ from }) => <span className="dim wrap">{from ?? words.serverItself}</span>,
  },
  { id: 'when', width: '12%', title: words.columns.when, align: 'end', cell: ({ at }) => <Ago at={at} /> },
]
