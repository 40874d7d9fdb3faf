import type { ModelGraph, Version } from '@stead/contracts'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ChevronDown, ChevronUp } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { grouped, say } from '../../../strings/message.ts'
import { models as words } from '../../../strings/models.ts'
import { IconButton } from '../../../ui/button.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { SearchBox } from '../../../ui/search-box.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import { Banner } from '../../../ui/waiting.tsx'
import { Canvas } from './canvas.tsx'
import { Drawer } from './drawer.tsx'
import { colourOfFamily, FAMILIES } from './families.ts'
import { foldGraph } from './fold.ts'
import type { Folded } from './fold.ts'
import css from './graph.module.css'
import { matches, opsetsInWords } from './graph-words.ts'
import { NodeList } from './node-list.tsx'
import { directionFor, useLayout } from './use-layout.ts'

const NONE: readonly string[] = []

/** A graph to be looked through: picture or list, a search, and a drawer for one node, which the address names. */
export function GraphView({ version, graph }: { version: Version; graph: ModelGraph }) {
  const navigate = useNavigate()
  const { node, view } = useSearch({ strict: false }) as { node?: string; view?: string }
  const folded = useMemo(() => foldGraph(graph), [graph])
  const [text, setText] = useState('')
  const [current, setCurrent] = useState(node)
  const hits = useHits(folded, text)
  const look = useCallback(
    (part: { node?: string | undefined; view?: string | undefined }) =>
      void navigate({ to: '.', search: (before) => ({ ...before, ...part }) as never, replace: true }),
    [navigate],
  )
  const open = useCallback(
    (id: string) => {
      setCurrent(id)
      look({ node: id })
    },
    [look],
  )
  const box = node === undefined ? undefined : folded.byId.get(node)
  const isList = view === 'list'
  const close = () => {
    look({ node: undefined })
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-box="${CSS.escape(node ?? '')}"]`)?.focus())
  }
  return (
    <>
      {graph.nodes.length < graph.totalNodes && (
        <Banner is="attention">
          {say(words.truncated, { told: grouped(graph.nodes.length), all: grouped(graph.totalNodes) })}
        </Banner>
      )}
      <Panel
        title={words.graph}
        note={opsetsInWords(graph)}
        acts={
          <div className={css.tools}>
            <Find text={text} hits={hits} open={node} onText={setText} onOpen={open} />
            <Segmented
              label={words.graphView}
              value={isList ? 'list' : 'picture'}
              options={[
                { value: 'picture', label: words.asPicture },
                { value: 'list', label: words.asList },
              ]}
              onChange={(value) => look({ view: value === 'list' ? 'list' : undefined })}
            />
          </div>
        }
      >
        {!isList && <Legend folded={folded} />}
        <div className={`${css.frame} ${box ? css.opened : ''}`}>
          {isList ? (
            <NodeList folded={folded} open={node} onOpen={open} />
          ) : (
            <Picture
              label={say(words.graphPicture, { model: version.model, version: version.version })}
              folded={folded}
              open={box?.id}
              current={current}
              hits={hits}
              onCurrent={setCurrent}
              onOpen={open}
            />
          )}
          {box && <Drawer box={box} folded={folded} onGo={open} onClose={close} />}
        </div>
      </Panel>
    </>
  )
}

function Picture({
  folded,
  hits,
  ...rest
}: {
  label: string
  folded: Folded
  open: string | undefined
  current: string | undefined
  hits: readonly string[]
  onCurrent: (id: string) => void
  onOpen: (id: string) => void
}) {
  const direction = directionFor(folded, innerWidth < 761)
  const layout = useLayout(folded, direction)
  const marked = useMemo(() => new Set(hits), [hits])
  if (layout === 'failed') return <p className="pad">{words.layoutFailed}</p>
  if (!layout)
    return (
      <div className={`${css.canvas} ${css.waits}`} role="status">
        {say(words.layingOut, { nodes: say(words.nodes, { count: folded.boxes.length }) })}
      </div>
    )
  return (
    <div>
      <p className="heard-only">{words.graphKeys}</p>
      <Canvas {...rest} folded={folded} layout={layout} direction={direction} hits={marked} />
    </div>
  )
}

function useHits(folded: Folded, text: string): readonly string[] {
  return useMemo(
    () => (text.trim() === '' ? NONE : folded.boxes.filter((box) => matches(box, text.trim())).map(({ id }) => id)),
    [folded, text],
  )
}

/** Goes from hit to hit; Enter takes the next one. */
function Find({
  text,
  hits,
  open,
  onText,
  onOpen,
}: {
  text: string
  hits: readonly string[]
  open: string | undefined
  onText: (text: string) => void
  onOpen: (id: string) => void
}) {
  const at = open === undefined ? -1 : hits.indexOf(open)
  const go = (step: 1 | -1) => {
    const next = hits[(at + step + hits.length) % hits.length]
    if (next !== undefined) onOpen(next)
  }
  return (
    <form
      className={css.find}
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        go(1)
      }}
    >
      <SearchBox label={words.searchNode} value={text} onChange={onText} onSettled={() => {}} />
      {text.trim() !== '' && (
        <>
          <span className={css.hits} role="status">
            {hits.length === 0 ? words.noHit : say(words.nodeHits, { at: at + 1, all: hits.length })}
          </span>
          <IconButton look="quiet" label={words.previousHit} icon={<ChevronUp />} onClick={() => go(-1)} />
          <IconButton look="quiet" label={words.nextHit} icon={<ChevronDown />} onClick={() => go(1)} />
        </>
      )}
    </form>
  )
}

/** The families that are in this graph. */
function Legend({ folded }: { folded: Folded }) {
  const here = new Set(folded.boxes.filter(({ kind }) => kind === 'node').map(({ family }) => family))
  if (here.size < 2) return null
  return (
    <div className={css.legend}>
      {FAMILIES.filter((family) => here.has(family)).map((family) => (
        <span key={family}>
          <i className={css.swatch} style={{ background: colourOfFamily(family) }} aria-hidden />
          {words.families[family]}
        </span>
      ))}
    </div>
  )
}
