import { searchProject } from '@stead/contracts'
import type { SearchHit } from '@stead/contracts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { LinkProps } from '@tanstack/react-router'
import { Box, CornerDownLeft, LayoutPanelTop, Tag } from 'lucide-react'
import { Fragment, useDeferredValue, useEffect, useRef, useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import { Dialog as Base } from '@base-ui/react/dialog'
import { client } from '../live/client.ts'
import { readings } from '../live/stale.ts'
import { frame } from '../strings/frame.ts'
import { say } from '../strings/message.ts'
import { useListedActs } from './acts.tsx'
import css from './palette.module.css'
import { useProject } from './project.ts'
import { usePlaces } from './use-places.ts'

interface Entry {
  readonly id: string
  readonly group: string
  readonly label: string
  readonly note?: string | undefined
  readonly icon?: ReactNode
  readonly key?: string | undefined
  readonly because?: string | undefined
  readonly run: () => void
}

const matches = (label: string, text: string) =>
  text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => label.toLowerCase().includes(word))

/** Everything that can be found or done, by typing: acts of the page first, then places, then what the server finds. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const entries = useEntries(text.trim(), onClose)
  const list = useRef<HTMLDivElement>(null)
  const chosen = entries[Math.min(at, entries.length - 1)]
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  }, [chosen?.id])

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && entries.length > 0) {
      event.preventDefault()
      setAt((Math.min(at, entries.length - 1) + step + entries.length) % entries.length)
    } else if (event.key === 'Enter' && chosen) {
      event.preventDefault()
      if (chosen.because === undefined) chosen.run()
    }
  }

  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={css.scrim} />
        <Base.Popup className={css.palette}>
          <Base.Title className="heard-only">{frame.paletteTitle}</Base.Title>
          <input
            className={css.input}
            role="combobox"
            aria-label={frame.paletteTitle}
            aria-expanded
            aria-controls="palette-list"
            aria-autocomplete="list"
            aria-activedescendant={chosen && `palette-${chosen.id}`}
            placeholder={frame.palettePrompt}
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              setAt(0)
            }}
            onKeyDown={onKeyDown}
            autoComplete="off"
            spellCheck={false}
            autoFocus
          />
          <div id="palette-list" role="listbox" aria-label={frame.paletteTitle} className={css.list} ref={list}>
            {entries.map((entry, index) => (
              <Fragment key={entry.id}>
                {entry.group !== entries[index - 1]?.group && (
                  <div role="presentation" className={css.group}>
                    {entry.group}
                  </div>
                )}
                <div
                  id={`palette-${entry.id}`}
                  role="option"
                  aria-selected={entry === chosen}
                  aria-disabled={entry.because !== undefined || undefined}
                  className={css.entry}
                  onPointerMove={() => setAt(index)}
                  onClick={() => entry.because === undefined && entry.run()}
                >
                  {entry.icon}
                  <span className="grow cut">
                    {entry.label}
                    {(entry.because ?? entry.note) !== undefined && <small> {entry.because ?? entry.note}</small>}
                  </span>
                  {entry.key !== undefined && <kbd>{entry.key}</kbd>}
                  {entry === chosen && <CornerDownLeft size={12} className={css.enter} />}
                </div>
              </Fragment>
            ))}
          </div>
          {entries.length === 0 && <p className={css.nothing}>{say(frame.nothingFound, { text })}</p>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

function useEntries(text: string, onClose: () => void): readonly Entry[] {
  const project = useProject()
  const navigate = useNavigate()
  const acts = useListedActs()
  const seen = usePlaces()
  const wanted = useDeferredValue(text)
  const { data } = useQuery({
    queryKey: [...readings.search(project), wanted],
    queryFn: ({ signal }) =>
      client.call(searchProject, { params: { project }, query: { q: wanted, limit: 20 }, signal }),
    enabled: wanted !== '',
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  })
  const go = (link: LinkProps) => () => {
    onClose()
    void navigate(link as Parameters<typeof navigate>[0])
  }
  const here = acts.map<Entry>((act) => ({
    id: `act-${act.id}`,
    group: frame.here,
    label: act.label,
    icon: act.icon,
    key: act.key?.toUpperCase(),
    because: act.because,
    run: () => {
      onClose()
      act.run()
    },
  }))
  const places = [...seen.places, ...seen.foot].map<Entry>(({ label, icon: Icon, key, link }) => ({
    id: `place-${label}`,
    group: frame.places,
    label,
    icon: <Icon size={14} />,
    key: key && `G ${key.toUpperCase()}`,
    run: go(link(project)),
  }))
  const found = (text === '' ? [] : (data?.hits ?? [])).map((hit) => foundEntry(hit, project, go))
  const known = [...here, ...places].filter(({ label }) => text === '' || matches(label, text))
  return [...known, ...found]
}

function foundEntry(hit: SearchHit, project: string, go: (link: LinkProps) => () => void): Entry {
  if (hit.kind === 'deployment') {
    return {
      id: `deployment-${hit.deployment}`,
      group: frame.found,
      label: hit.deployment,
      note: 'deployment',
      icon: <LayoutPanelTop size={14} />,
      run: go({ to: '/p/$project/deployments/$deployment', params: { project, deployment: hit.deployment } }),
    }
  }
  if (hit.kind === 'model') {
    return {
      id: `model-${hit.model}`,
      group: frame.found,
      label: hit.model,
      note: 'model',
      icon: <Box size={14} />,
      run: go({ to: '/p/$project/models/$model', params: { project, model: hit.model } }),
    }
  }
  const isAlias = hit.kind === 'alias'
  return {
    id: isAlias ? `alias-${hit.model}-${hit.alias}` : `version-${hit.model}-${hit.version}`,
    group: frame.found,
    label: isAlias ? `${hit.model}@${hit.alias}` : `${hit.model} v${hit.version}`,
    note: isAlias ? `alias of v${hit.version}` : `${hit.digest.slice(0, 19)}…`,
    icon: <Tag size={14} />,
    run: go({
      to: '/p/$project/models/$model/$version',
      params: { project, model: hit.model, version: String(hit.version) },
    }),
  }
}
