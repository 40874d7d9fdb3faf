import { findGarbage } from '@stead/contracts'
import type { Collected, ProjectName } from '@stead/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useMayIn } from '../../frame/may.ts'
import { projectsQuery, useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { Reading } from '../../live/reading.tsx'
import { garbage as words } from '../../strings/garbage.ts'
import { say } from '../../strings/message.ts'
import { Button } from '../../ui/button.tsx'
import { bytes } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { SelectField } from '../../ui/select.tsx'
import { Progress } from '../../ui/sparkline.tsx'
import { useCollection } from './use-collection.ts'

const garbageQuery = (project: ProjectName) =>
  queryOptions({
    queryKey: [project, 'garbage'],
    queryFn: ({ signal }) => client.call(findGarbage, { params: { project }, signal }),
  })

/** What nothing in a project names any more, and how to be rid of it. */
export function GarbagePanel({ project }: { project: ProjectName }) {
  return (
    <Panel title={words.title} padded>
      <Left key={project} project={project} />
    </Panel>
  )
}

/** The same of any project. */
export function AnyGarbagePanel() {
  const here = useProject()
  const [chosen, setChosen] = useState<ProjectName>(here)
  const projects = useQuery(projectsQuery).data?.projects ?? []
  return (
    <Panel title={words.title} padded>
      <div className="stack">
        {projects.length > 1 && (
          <SelectField
            label={words.project}
            value={chosen}
            options={projects.map(({ name }) => ({ value: name, label: name }))}
            onChange={setChosen}
          />
        )}
        <Left key={chosen} project={chosen} />
      </div>
    </Panel>
  )
}

function Left({ project }: { project: ProjectName }) {
  const { isAllowed, because } = useMayIn('project.collect', project)
  const reading = useQuery({ ...garbageQuery(project), enabled: isAllowed })
  const { collected, state, failure, collect } = useCollection(project, () => reading.refetch())
  return (
    <div className="stack">
      <p className="dim">{words.says}</p>
      {state === 'done' && <p role="status">{told(words.done, collected)}</p>}
      {failure !== undefined && <p role="alert">{failure}</p>}
      {isAllowed && state !== 'collecting' && (
        <Reading of={reading} what={words.what} rows={1}>
          {(found) => <p>{isNone(found) ? words.nothing : told(words.found, found)}</p>}
        </Reading>
      )}
      {state === 'collecting' && (
        <>
          <p role="status">{told(words.soFar, collected)}</p>
          <Progress label={words.collecting} value={doneOf(collected)} max={reading.data ? doneOf(reading.data) : 0} />
        </>
      )}
      <div>
        <Button
          because={because ?? (reading.data && isNone(reading.data) ? words.nothing : undefined)}
          busy={state === 'collecting'}
          onClick={() => void collect()}
        >
          {state === 'collecting' ? words.collecting : words.collect}
        </Button>
      </div>
    </div>
  )
}

const isNone = ({ files, artifacts }: Collected) => files + artifacts === 0
const doneOf = ({ files, artifacts }: Collected) => files + artifacts

const told = (sentence: typeof words.found | typeof words.soFar | typeof words.done, of: Collected) =>
  say(sentence, {
    files: say(words.files, { count: of.files }),
    artifacts: say(words.artifacts, { count: of.artifacts }),
    size: bytes(of.bytes),
  })
