import type { ProjectName, Version } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Reading } from '../../../live/reading.tsx'
import { say } from '../../../strings/message.ts'
import { models as words } from '../../../strings/models.ts'
import { classOf } from '../../../ui/button.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { graphQuery } from '../models.queries.ts'
import { colourOfFamily } from './families.ts'
import { foldGraph } from './fold.ts'
import type { Folded } from './fold.ts'
import css from './graph.module.css'
import { opsetsInWords } from './graph-words.ts'
import { pathOf } from './route.ts'
import { useLayout } from './use-layout.ts'

/** More would be too small to read here. */
const DRAWN_UP_TO = 32

/** The graph at a glance, with the way to all of it. */
export function GraphPreview({ project, version }: { project: ProjectName; version: Version }) {
  const reading = useQuery(graphQuery(project, version.model, version.version, version.digest))
  return (
    <Panel
      title={words.graph}
      note={reading.data && opsetsInWords(reading.data)}
      acts={
        <Link
          to="/p/$project/models/$model/$version/graph"
          params={{ project, model: version.model, version: String(version.version) }}
          className={classOf('quiet')}
        >
          {words.open}
        </Link>
      }
    >
      <Reading of={reading} what={words.whatGraph} rows={4}>
        {(graph) => (
          <Preview graph={graph} label={say(words.graphPicture, { model: version.model, version: version.version })} />
        )}
      </Reading>
    </Panel>
  )
}

function Preview({ graph, label }: { graph: Parameters<typeof foldGraph>[0]; label: string }) {
  const folded = useMemo(() => foldGraph(graph), [graph])
  return folded.boxes.length <= DRAWN_UP_TO ? <Picture folded={folded} label={label} /> : <Counts folded={folded} />
}

const SHOWN = 12

/** Which operators there are, and how many of each. */
function Counts({ folded }: { folded: Folded }) {
  const nodes = folded.boxes.filter(({ kind }) => kind === 'node')
  const counts = [...Map.groupBy(nodes, ({ title }) => title)].toSorted(([, a], [, b]) => b.length - a.length)
  return (
    <ul className={css.counts}>
      {counts.slice(0, SHOWN).map(([operator, of]) => (
        <li key={operator} className={css.count}>
          <i className={css.swatch} style={{ background: colourOfFamily(of[0]!.family) }} aria-hidden />
          <span className="cut">{operator}</span>
          <span className="dim num">{of.length}</span>
        </li>
      ))}
      {counts.length > SHOWN && <li className="faint">{say(words.moreOperators, { count: counts.length - SHOWN })}</li>}
    </ul>
  )
}

const MARGIN = 12
const MOST_HEIGHT = 300
/** Smaller could not be read; the rest is reached by scrolling. */
const LEAST_SCALE = 0.75

function Picture({ folded, label }: { folded: Folded; label: string }) {
  const layout = useLayout(folded, 'right')
  if (layout === 'failed') return null
  if (!layout) return <div className={css.previewWaits} />
  const width = layout.width + 2 * MARGIN
  const height = layout.height + 2 * MARGIN
  return (
    <div className={css.preview} tabIndex={0} role="group" aria-label={label}>
      <svg
        role="img"
        aria-label={`${label}: ${folded.boxes.map(({ title }) => title).join(', ')}`}
        viewBox={`${-MARGIN} ${-MARGIN} ${width} ${height}`}
        style={{ width, maxWidth: '100%', minWidth: width * LEAST_SCALE, maxHeight: MOST_HEIGHT }}
      >
        {folded.lines.map(({ id }) => (
          <path key={id} className={css.line} d={pathOf(layout.routes[id] ?? [], 'right')} />
        ))}
        {folded.boxes.map((box) => {
          const { x, y } = layout.places[box.id]!
          const isNode = box.kind === 'node'
          return (
            <g key={box.id} transform={`translate(${x} ${y})`}>
              <rect
                className={isNode ? css.box : css.io}
                width={box.width}
                height={box.height}
                rx={isNode ? 5 : box.height / 2}
              />
              {isNode && (
                <rect width="3" height={box.height - 10} x="4" y="5" rx="1.5" fill={colourOfFamily(box.family)} />
              )}
              <text
                className={isNode ? css.title : css.tensor}
                x={box.width / 2}
                y={box.subtitle === '' ? box.height / 2 + 4 : 18}
              >
                {shortened(box.title)}
              </text>
              {box.subtitle !== '' && (
                <text className={css.subtitle} x={box.width / 2} y={34}>
                  {shortened(box.subtitle)}
                </text>
              )}
            </g>
          )
        })}
      </svg>
    </div>
  )
}

const LONGEST = 28
const shortened = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
