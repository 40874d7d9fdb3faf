import { BaseEdge, Handle, Position, ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react'
import type { Edge, EdgeProps, Node, NodeProps } from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { Maximize, ZoomIn, ZoomOut } from 'lucide-react'
import { createContext, memo, useContext, useEffect, useMemo, useRef } from 'react'
import type { KeyboardEvent } from 'react'
import { models as words } from '../../../strings/models.ts'
import { IconButton } from '../../../ui/button.tsx'
import { colourOfFamily } from './families.ts'
import type { Box, Folded } from './fold.ts'
import css from './graph.module.css'
import { nameOf } from './graph-words.ts'
import type { Layout, LayoutTask } from './layout.ts'
import { pathOf } from './route.ts'

interface CanvasProps {
  readonly label: string
  readonly folded: Folded
  readonly layout: Layout
  readonly direction: LayoutTask['direction']
  /** Open in the drawer. */
  readonly open: string | undefined
  /** Where the keyboard is; it is brought into sight. */
  readonly current: string | undefined
  readonly hits: ReadonlySet<string>
  readonly onCurrent: (id: string) => void
  readonly onOpen: (id: string) => void
}

type BoxNode = Node<{ box: Box }, 'box'>
type RouteEdge = Edge<{ path: string }, 'route'>

interface Marks extends Pick<CanvasProps, 'open' | 'hits' | 'onOpen' | 'direction'> {
  /** The one box that is reached by Tab. */
  readonly entry: string | undefined
}
const MarksContext = createContext<Marks>({
  open: undefined,
  hits: new Set(),
  entry: undefined,
  direction: 'down',
  onOpen: () => {},
})

const NODE_TYPES = { box: memo(BoxView) }
const EDGE_TYPES = { route: memo(RouteView) }
const SMALLEST_ZOOM = 0.02
const LARGEST_ZOOM = 2

/** The picture of a graph: panned, zoomed, and walked through. Only what is in sight is drawn. */
export function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  )
}

const NO_LINK = { hideAttribution: true }

function Flow(props: CanvasProps) {
  const { label, folded, layout, direction, open, current, hits, onCurrent, onOpen } = props
  const frame = useRef<HTMLDivElement>(null)
  const { nodes, edges } = useMemo(() => elementsOf(folded, layout, direction), [folded, layout, direction])
  const entry = current ?? open ?? folded.boxes[0]?.id
  const marks = useMemo(() => ({ open, hits, entry, direction, onOpen }), [open, hits, entry, direction, onOpen])
  const act = useViewport(props)
  const isFirst = useRef(true)
  useEffect(() => {
    const isBegun = !isFirst.current
    isFirst.current = false
    if (current === undefined || !isBegun) return
    // The drawer takes its room first; a box is drawn once it is in sight.
    const timers = [
      setTimeout(() => act.show(current), 40),
      setTimeout(() => {
        const isHere = frame.current?.contains(document.activeElement)
        if (isHere) frame.current?.querySelector<HTMLElement>(`[data-box="${CSS.escape(current)}"]`)?.focus()
      }, 120),
    ]
    return () => timers.forEach(clearTimeout)
    // eslint-disable-next-line react/exhaustive-deps -- only another box is brought into sight, not every look of the view
  }, [current, open])

  const onKeyDown = (event: KeyboardEvent) => {
    const at = (event.target as HTMLElement).dataset.box
    const way = at === undefined ? undefined : neighbourOf(folded, at, event.key, direction)
    if (way !== undefined) onCurrent(way)
    else if (event.key === '+' || event.key === '=') act.zoomIn()
    else if (event.key === '-') act.zoomOut()
    else if (event.key === '0') act.fit()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div
      ref={frame}
      className={css.canvas}
      // A small graph needs no more room than it takes.
      style={{ height: `clamp(320px, ${Math.ceil(layout.height) + 200}px, max(480px, 100vh - 296px))` }}
    >
      <MarksContext value={marks}>
        <ReactFlow
          aria-label={label}
          onKeyDown={onKeyDown}
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          onlyRenderVisibleElements
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          // The console names no other origin; who draws the graphs is said in the documents.
          proOptions={NO_LINK}
          minZoom={SMALLEST_ZOOM}
          maxZoom={LARGEST_ZOOM}
          onInit={() => void act.begin()}
        />
      </MarksContext>
      <div className={css.zoom}>
        <IconButton size="small" label={words.zoomIn} icon={<ZoomIn />} onClick={act.zoomIn} />
        <IconButton size="small" label={words.zoomOut} icon={<ZoomOut />} onClick={act.zoomOut} />
        <IconButton size="small" label={words.fit} icon={<Maximize />} onClick={act.fit} />
      </div>
    </div>
  )
}

const READABLE_ZOOM = 0.55
const BEGIN_ZOOM = 0.9
/** How far from the middle of the view a long graph begins. */
const BEGIN_PX = 240

/** What moves the view. */
function useViewport({ layout, folded, open, direction }: CanvasProps) {
  const flow = useReactFlow()
  const quick = matchMedia('(prefers-reduced-motion: reduce)').matches ? {} : { duration: 160 }
  const centreOf = (id: string) => {
    const box = folded.byId.get(id)
    const place = layout.places[id]
    return box && place && { x: place.x + box.width / 2, y: place.y + box.height / 2 }
  }
  return {
    zoomIn: () => void flow.zoomIn(quick),
    zoomOut: () => void flow.zoomOut(quick),
    fit: () => void flow.fitView({ ...quick, maxZoom: 1 }),
    show(id: string) {
      const centre = centreOf(id)
      if (centre) void flow.setCenter(centre.x, centre.y, { ...quick, zoom: Math.max(flow.getZoom(), READABLE_ZOOM) })
    },
    /** All of a small graph; of a large one its beginning, or what is open, large enough to be read. */
    async begin() {
      await flow.fitView({ maxZoom: 1 })
      if (open !== undefined && folded.byId.has(open)) {
        const centre = centreOf(open)!
        await flow.setCenter(centre.x, centre.y, { zoom: Math.max(flow.getZoom(), BEGIN_ZOOM) })
      } else if (flow.getZoom() < READABLE_ZOOM && folded.boxes[0]) {
        const centre = centreOf(folded.boxes[0].id)!
        const beyond = BEGIN_PX / BEGIN_ZOOM
        const [x, y] = direction === 'down' ? [centre.x, centre.y + beyond] : [centre.x + beyond, centre.y]
        await flow.setCenter(x, y, { zoom: BEGIN_ZOOM })
      }
    },
  }
}

/** Where an arrow key leads from a box: along the lines, or to the other ends of the same ones. */
function neighbourOf(
  { before, after }: Folded,
  at: string,
  key: string,
  direction: LayoutTask['direction'],
): string | undefined {
  const [onward, back, next, previous] =
    direction === 'down'
      ? ['ArrowDown', 'ArrowUp', 'ArrowRight', 'ArrowLeft']
      : ['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp']
  if (key === onward) return after.get(at)?.[0]
  if (key === back) return before.get(at)?.[0]
  if (key !== next && key !== previous) return undefined
  const parent = before.get(at)?.[0]
  const child = after.get(at)?.[0]
  const beside = (parent && after.get(parent)) ?? (child && before.get(child)) ?? []
  return beside[beside.indexOf(at) + (key === next ? 1 : -1)]
}

function elementsOf(folded: Folded, layout: Layout, direction: LayoutTask['direction']) {
  const isDown = direction === 'down'
  const nodes = folded.boxes.map((box): BoxNode => {
    const { width, height } = box
    const middle = { x: width / 2, y: height / 2 }
    const handle = (type: 'source' | 'target') => {
      const isEnd = type === 'source'
      const x = isDown ? middle.x : isEnd ? width : 0
      const y = isDown ? (isEnd ? height : 0) : middle.y
      const position = isDown ? (isEnd ? Position.Bottom : Position.Top) : isEnd ? Position.Right : Position.Left
      return { type, position, x, y, width: 1, height: 1 }
    }
    return {
      id: box.id,
      type: 'box',
      position: layout.places[box.id]!,
      data: { box },
      width,
      height,
      // Known beforehand, so that nothing is drawn only to be measured.
      measured: { width, height },
      handles: [handle('source'), handle('target')],
    }
  })
  const edges = folded.lines.map(({ id, from, to }): RouteEdge => ({
    id,
    source: from,
    target: to,
    type: 'route',
    data: { path: pathOf(layout.routes[id] ?? [], direction) },
  }))
  return { nodes, edges }
}

function BoxView({ data: { box } }: NodeProps<BoxNode>) {
  const { open, hits, entry, direction, onOpen } = useContext(MarksContext)
  const isDown = direction === 'down'
  return (
    <>
      <Handle type="target" position={isDown ? Position.Top : Position.Left} className={css.handle} />
      <button
        type="button"
        data-box={box.id}
        tabIndex={box.id === entry ? 0 : -1}
        aria-label={nameOf(box)}
        aria-pressed={open === box.id}
        className={`nopan ${css.node} ${box.kind === 'node' ? '' : css.ioNode} ${hits.has(box.id) ? css.hit : ''}`}
        style={{ width: box.width, height: box.height }}
        onClick={() => onOpen(box.id)}
      >
        {box.kind === 'node' && (
          <i className={css.bar} style={{ background: colourOfFamily(box.family) }} aria-hidden />
        )}
        <span className="cut">{box.title}</span>
        {box.subtitle !== '' && (
          <small className="cut" aria-hidden>
            {box.subtitle}
          </small>
        )}
      </button>
      <Handle type="source" position={isDown ? Position.Bottom : Position.Right} className={css.handle} />
    </>
  )
}

function RouteView({ id, data, source, target }: EdgeProps<RouteEdge>) {
  const { open } = useContext(MarksContext)
  const isOfOpen = open !== undefined && (open === source || open === target)
  return <BaseEdge id={id} path={data?.path ?? ''} className={isOfOpen ? css.chosenLine : css.line} />
}
