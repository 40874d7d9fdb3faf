import type { ExperimentId } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import { useProject } from '../../frame/project.ts'
import { viewsQuery } from './experiments.queries.ts'
import { addressWith, isChanged, lookOf, noLook } from './look.ts'
import type { Look, LookTexts } from './look.ts'

type Address = LookTexts & { readonly view?: string | undefined; readonly do?: string | undefined }

/** What the address and its view say of the table, and how to change some of it. */
export function useLook(experiment: ExperimentId) {
  const project = useProject()
  const address = useSearch({ strict: false }) as Address
  const views = useQuery(viewsQuery(project, experiment))
  const navigate = useNavigate()
  const { view, do: asked } = address
  const kept = views.data?.views.find(({ name }) => name === view)
  const go = useCallback(
    (next: (before: Address) => Address, replace: boolean) =>
      void navigate({ to: '.', search: next as never, replace, resetScroll: false }),
    [navigate],
  )
  const change = useCallback(
    (part: Partial<Look>) => go((before) => ({ ...before, ...addressWith(before, kept?.document, part) }), true),
    [go, kept],
  )
  const open = useCallback(
    (name: string | undefined) => go((before) => ({ ...before, ...noLook(), do: undefined, view: name }), false),
    [go],
  )
  const ask = useCallback(
    (name: string | undefined) => go((before) => ({ ...before, do: name }), name === undefined),
    [go],
  )
  const look = useMemo(() => lookOf(address, kept?.document), [address, kept])
  return {
    look,
    change,
    views: views.data?.views ?? [],
    /** The view of the address, where there is one of that name. */
    view: kept,
    isChanged: isChanged(address),
    /** The look of the address depends on a view that was not read yet. */
    isPending: view !== undefined && views.isPending,
    openView: open,
    asked,
    ask,
  }
}

export type LookInUse = ReturnType<typeof useLook>
