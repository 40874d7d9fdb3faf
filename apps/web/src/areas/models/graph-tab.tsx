import type { Version } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useProject } from '../../frame/project.ts'
import { isNotFound } from '../../live/failure.ts'
import { Reading } from '../../live/reading.tsx'
import { models as words } from '../../strings/models.ts'
import { Panel } from '../../ui/panel.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { GraphView } from './graph/graph-view.tsx'
import { graphQuery } from './models.queries.ts'
import { useVersionReading } from './version-page.tsx'

/** The graph of an ONNX version, as a picture and as a list. */
export function GraphTab() {
  const version = useVersionReading().data
  return version ? <GraphOf version={version} /> : null
}

function GraphOf({ version }: { version: Version }) {
  const project = useProject()
  const reading = useQuery(graphQuery(project, version.model, version.version, version.digest))
  if (isNotFound(reading.error))
    return (
      <Panel>
        <Empty title={words.noGraph} says={words.noGraphSays} />
      </Panel>
    )
  if (!reading.data)
    return (
      <Panel title={words.graph}>
        <Reading of={reading} what={words.whatGraph} rows={6}>
          {() => null}
        </Reading>
      </Panel>
    )
  return <GraphView version={version} graph={reading.data} />
}
