import { createRoot } from 'react-dom/client'
import { createBoard } from '../../../apps/web/src/ui/chart/board.ts'
import { ChartStack } from '../../../apps/web/src/ui/chart/chart-stack.tsx'
import { createRing } from '../../../apps/web/src/ui/chart/ring.ts'
import '../../../apps/web/src/ui/base.css'

/* A page with one chart of ten series of ten thousand points each, which gets a further point in every frame. With
   `?idle` it stands still: what the browser can do at best. Frames are counted in `counted`. */

const SERIES = Array.from({ length: 10 }, (_, index) => `s${index}`)
const POINTS = 10_000
const isIdle = location.search === '?idle'
const began = 1_700_000_000
const ring = createRing(1, POINTS, began)
let newest = began - 1

function add(): void {
  newest += 1
  ring.reach(newest)
  for (const [index, id] of SERIES.entries())
    ring.set(id, newest, 50 + 40 * Math.sin(newest / (90 + index * 17)) + index)
}
for (let count = 0; count < POINTS; count++) add()
const board = createBoard(ring, () => ({ from: newest - POINTS + 1, to: newest }))

createRoot(document.getElementById('root')!).render(
  <ChartStack
    label="Charts"
    board={board}
    live
    charts={[
      {
        id: 'all',
        name: 'All',
        unit: 'a second',
        height: 300,
        format: String,
        series: SERIES.map((id, index) => ({ id, label: id, colour: `var(--c${(index % 8) + 1})` })),
      },
    ]}
    onSelect={() => {}}
    onReset={() => {}}
  />,
)

const counted = { frames: 0 }
Object.assign(globalThis, { counted })
function frame(): void {
  counted.frames += 1
  if (!isIdle) {
    add()
    board.refresh()
  }
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)
