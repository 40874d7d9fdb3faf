import './live/without-eval.ts'
import { CSPProvider } from '@base-ui/react/csp-provider'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Tooltip } from '@base-ui/react/tooltip'
import { LiveProvider } from './live/live.tsx'
import { router } from './router.tsx'
import './ui/base.css'
import { Toasts } from './ui/toast.tsx'

// The event stream says when something is old; until then what was read is true.
const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 60_000, retry: false, refetchOnWindowFocus: false } },
})

// After an upgrade of the server the parts that an open tab still knows are gone: the page is read again, once.
addEventListener('vite:preloadError', () => {
  const key = 'stead.read-again'
  if (Date.now() - Number(sessionStorage.getItem(key) ?? 0) < 10_000) return
  sessionStorage.setItem(key, String(Date.now()))
  location.reload()
})

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <LiveProvider>
          <Tooltip.Provider delay={350}>
            <Toasts>
              <RouterProvider router={router} />
            </Toasts>
          </Tooltip.Provider>
        </LiveProvider>
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
)
