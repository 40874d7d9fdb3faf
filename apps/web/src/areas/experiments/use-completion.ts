import type { ExperimentId } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, RefObject } from 'react'
import { useProject } from '../../frame/project.ts'
import type { KnownKeys } from './columns.ts'
import { suggestionsFor, valuesWanted, withSuggestion } from './completion.ts'
import type { Suggestion } from './completion.ts'
import { isWhole, typingAt } from './filter-text.ts'
import { valuesQuery } from './runs.queries.ts'

const NO_VALUES: readonly { value: string; runs: number }[] = []
const MOVES = new Set(['ArrowLeft', 'ArrowRight', 'Home', 'End'])

interface Wanted {
  readonly experiment: ExperimentId
  readonly known: KnownKeys
  readonly text: string
  readonly put: (text: string, when: 'now' | 'later') => void
  readonly input: RefObject<HTMLInputElement | null>
  /** What is wrong stands below the field, and is not to be covered. */
  readonly isTold: boolean
}

/** The list of what could stand where one types: what is in it, which is pointed at, and the keys that take one. */
export function useCompletion({ experiment, known, text, put, input, isTold }: Wanted) {
  const [caret, setCaret] = useState<number>()
  const [scrolled, setScrolled] = useState(0)
  const [at, setAt] = useState(-1)
  const { suggestions, typing } = useSuggestions(experiment, text, caret, known)
  // The caret is put behind what was taken before the next key comes.
  const behind = useRef<number>(undefined)
  useLayoutEffect(() => {
    if (behind.current === undefined) return
    input.current?.setSelectionRange(behind.current, behind.current)
    behind.current = undefined
  })
  const isOpen = suggestions.length > 0 && !(isTold && typing?.partial === '')
  const see = (place: number | undefined) => {
    setScrolled(input.current?.scrollLeft ?? 0)
    setCaret(place)
    setAt(-1)
  }
  const take = (taken: Suggestion) => {
    if (typing === undefined) return
    const next = withSuggestion(text, typing, taken.text)
    put(next.text, isWhole(next.text) ? 'now' : 'later')
    see(next.caret)
    behind.current = next.caret
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const count = suggestions.length
    if (step !== undefined && isOpen) setAt(at < 0 && step < 0 ? count - 1 : (at + step + count) % count)
    else if ((event.key === 'Enter' || event.key === 'Tab') && isOpen && at >= 0) take(suggestions[at]!)
    else if (event.key === 'Enter') {
      put(text, 'now')
      see(undefined)
    } else if (event.key === 'Escape' && isOpen) see(undefined)
    else {
      if (event.key === 'Escape') event.currentTarget.blur()
      return
    }
    event.preventDefault()
    event.stopPropagation()
  }
  const look = () => see(input.current?.selectionStart ?? undefined)
  return {
    suggestions,
    at,
    isOpen,
    /** Where the list begins: so many characters and pixels from the beginning of the field. */
    place: { characters: typing?.from ?? 0, pixels: -scrolled },
    point: setAt,
    take,
    see,
    on: {
      onKeyDown,
      onKeyUp: (event: KeyboardEvent) => {
        if (MOVES.has(event.key)) look()
      },
      onClick: look,
      onFocus: look,
      onBlur: () => see(undefined),
    },
  }
}

function useSuggestions(experiment: ExperimentId, text: string, caret: number | undefined, known: KnownKeys) {
  const project = useProject()
  const typing = useMemo(() => {
    if (caret === undefined) return undefined
    const read = typingAt(text, caret)
    // Right behind a whole comparison nobody is at the next one yet.
    const isBehind = read.expectation.expects === 'joint' && read.partial === '' && !/\s$/.test(text.slice(0, caret))
    return isBehind ? undefined : read
  }, [text, caret])
  const column = typing && valuesWanted(typing)
  const values = useQuery({ ...valuesQuery(project, experiment, column ?? ''), enabled: column !== undefined })
  const suggestions = useMemo(
    () => (typing === undefined ? [] : suggestionsFor(typing, known, values.data?.values ?? NO_VALUES)),
    [typing, known, values.data],
  )
  return { suggestions, typing }
}
