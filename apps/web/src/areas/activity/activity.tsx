import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { Reading } from '../../live/reading.tsx'
import { activity as words } from '../../strings/activity.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField } from '../../ui/select.tsx'
import { Panel } from '../../ui/panel.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { dayOf } from '../../ui/time.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { eventsQuery } from './activity.queries.ts'
import { Feed } from './feed.tsx'

type Noun = keyof typeof words.nouns
const ANY = 'any'

/** Everything that happened in the project, who did it and why. */
export function ActivityPage() {
  const project = useProject()
  const { noun, subject } = useSearch({ from: '/p/$project/activity' })
  const navigate = useNavigate({ from: '/p/$project/activity' })
  const reading = useInfiniteQuery(eventsQuery(project, { kind: noun, subject }))
  const [typed, setTyped] = useState(subject ?? '')
  const filter = (next: { noun?: string | undefined; subject?: string | undefined }) =>
    void navigate({
      search: (before) => Object.fromEntries(Object.entries({ ...before, ...next }).filter(([, value]) => value)),
      replace: true,
    })
  const isFiltered = noun !== undefined || subject !== undefined
  const showAll = () => {
    setTyped('')
    filter({ noun: undefined, subject: undefined })
  }
  return (
    <Page title={words.title}>
      <div className="row-wrap">
        <SearchBox
          label={words.filter}
          value={typed}
          onChange={setTyped}
          onSettled={(text) => filter({ subject: text })}
        />
        <div style={{ width: 180 }}>
          <SelectField
            bare
            label={words.noun}
            value={noun ?? ANY}
            options={[
              { value: ANY, label: words.everything },
              ...Object.entries(words.nouns).map(([value, label]) => ({ value: value as Noun, label })),
            ]}
            onChange={(value) => filter({ noun: value === ANY ? undefined : value })}
          />
        </div>
      </div>
      <Reading of={reading} what={words.what} rows={8}>
        {({ pages }) => {
          const events = pages.flatMap((page) => page.events)
          if (events.length === 0)
            return (
              <Panel>
                {isFiltered ? (
                  <Empty title={words.emptyFiltered} act={<Button onClick={showAll}>{words.showAll}</Button>} />
                ) : (
                  <Empty title={words.empty} says={words.emptySays} />
                )}
              </Panel>
            )
          const days = Map.groupBy(events, ({ at }) => dayOf(at))
          return (
            <>
              {[...days].map(([day, ofDay]) => (
                <Panel key={day} title={day}>
                  <Feed events={ofDay} />
                </Panel>
              ))}
              {reading.hasNextPage && (
                <div>
                  <Button busy={reading.isFetchingNextPage} onClick={() => void reading.fetchNextPage()}>
                    {words.more}
                  </Button>
                </div>
              )}
            </>
          )
        }}
      </Reading>
    </Page>
  )
}
