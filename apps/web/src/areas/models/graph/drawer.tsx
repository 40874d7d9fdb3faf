import { X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { ReactNode } from 'react'
import { say } from '../../../strings/message.ts'
import { models as words } from '../../../strings/models.ts'
import { IconButton } from '../../../ui/button.tsx'
import { inDialog } from '../../../ui/keys.ts'
import { bytes } from '../../../ui/numbers.ts'
import type { Box, Folded, Source } from './fold.ts'
import css from './graph.module.css'
import { nameOf, nodeName, tensorInWords } from './graph-words.ts'

interface DrawerProps {
  readonly box: Box
  readonly folded: Folded
  readonly onGo: (id: string) => void
  readonly onClose: () => void
}

/** All that is known of one node: what it takes and gives, its attributes, its weights. */
export function Drawer({ box, folded, onGo, onClose }: DrawerProps) {
  const drawer = useRef<HTMLElement>(null)
  useEffect(() => {
    drawer.current?.scrollTo({ top: 0 })
  }, [box.id])
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isElsewhere = event.target instanceof HTMLInputElement || inDialog()
      if (event.key === 'Escape' && !event.defaultPrevented && !isElsewhere) onClose()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [onClose])
  const { node, tensor } = box
  return (
    <aside ref={drawer} className={css.drawer} tabIndex={-1} aria-label={nameOf(box)}>
      <header className={css.drawerHead}>
        <div className="grow wrap">
          <h3>{box.title}</h3>
          <span className="dim">
            {node ? nodeName(box) : box.kind === 'input' ? words.graphInput : words.graphOutput}
          </span>
        </div>
        <IconButton look="quiet" size="small" label={words.closeNode} icon={<X />} onClick={onClose} />
      </header>
      {node && node.domain !== '' && (
        <Part title={words.domain}>
          <code>{node.domain}</code>
        </Part>
      )}
      {tensor && (
        <Part title={words.shape}>
          <code>{tensorInWords(tensor)}</code>
        </Part>
      )}
      <Taken box={box} folded={folded} onGo={onGo} />
      <Given box={box} folded={folded} onGo={onGo} />
      {node && node.attributes.length > 0 && (
        <Part title={words.attributes}>
          <dl>
            {node.attributes.map(({ name, kind, value }) => (
              <div key={name} className={css.attribute}>
                <dt>
                  <code>{name}</code> <small className="faint">{kind}</small>
                </dt>
                <dd>
                  <code>{value}</code>
                </dd>
              </div>
            ))}
          </dl>
        </Part>
      )}
      <Weights sources={box.sources} />
    </aside>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={css.part}>
      <h4>{title}</h4>
      {children}
    </section>
  )
}

function Taken({ box, folded, onGo }: Pick<DrawerProps, 'box' | 'folded' | 'onGo'>) {
  if (box.sources.length === 0) return null
  return (
    <Part title={words.inputs}>
      <ul>
        {box.sources.map((source, index) => (
          <li key={index}>
            <code>{source.name === '' ? words.nothing : source.name}</code>
            <SourceInWords source={source} folded={folded} onGo={onGo} />
          </li>
        ))}
      </ul>
    </Part>
  )
}

function SourceInWords({ source, folded, onGo }: { source: Source; folded: Folded; onGo: (id: string) => void }) {
  switch (source.is) {
    case 'node': {
      const from = folded.byId.get(source.of)
      return from ? (
        <button type="button" className={`link ${css.go}`} onClick={() => onGo(from.id)}>
          {say(words.from, { node: nameOf(from) })}
        </button>
      ) : null
    }
    case 'weight':
      return <span className="dim wrap">{tensorInWords(source.weight)}</span>
    case 'constant':
      return (
        <span className="dim wrap">
          {words.constant} <code>{source.value}</code>
        </span>
      )
    case 'unknown':
      return <span className="faint">{source.name === '' ? words.notGiven : words.shapeUnknown}</span>
  }
}

function Given({ box, folded, onGo }: Pick<DrawerProps, 'box' | 'folded' | 'onGo'>) {
  const names = box.node?.outputs ?? (box.kind === 'input' ? [box.title] : [])
  if (names.length === 0) return null
  const takers = (name: string) =>
    folded.lines.filter((line) => line.from === box.id && line.tensor === name).map(({ to }) => folded.byId.get(to)!)
  return (
    <Part title={words.outputs}>
      <ul>
        {names.map((name, index) => (
          <li key={index}>
            <code>{name}</code>
            <span>
              {takers(name).map((to) => (
                <div key={to.id}>
                  <button type="button" className={`link ${css.go}`} onClick={() => onGo(to.id)}>
                    {say(words.to, { node: nameOf(to) })}
                  </button>
                </div>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </Part>
  )
}

function Weights({ sources }: { sources: readonly Source[] }) {
  const weights = sources.flatMap((source) => (source.is === 'weight' ? [source.weight] : []))
  if (weights.length === 0) return null
  return (
    <Part title={words.weights}>
      <ul>
        {weights.map((weight) => (
          <li key={weight.name}>
            <code>{weight.name}</code>
            <span className="dim wrap">
              {tensorInWords(weight)}, {bytes(weight.bytes)}
            </span>
          </li>
        ))}
      </ul>
    </Part>
  )
}
