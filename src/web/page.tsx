import type { ComponentChildren, VNode } from 'preact';
import { render } from 'preact-render-to-string';
import { assetPath } from './assets.js';
import { HiddenField, PostForm, type FieldError } from './forms.js';
import { number } from './format.js';
import { PagePatterns } from './meter.js';
import type { View } from './view.js';
import { translator } from './words.js';

export type { View } from './view.js';

export interface PageProps {
  view: View;
  title: string;
  /** What stands above the text in large, when it is more than the title. */
  heading?: ComponentChildren;
  /** One line below the heading: of whom, since when. */
  lead?: ComponentChildren;
  /** Its status and urgency, behind the lead. */
  tags?: ComponentChildren;
  /** Above the heading: the steps of a form. */
  above?: ComponentChildren;
  /** Buttons beside the heading. */
  actions?: ComponentChildren;
  /** One column, for forms and the phone. */
  narrow?: boolean;
  back?: { href: string; label: string };
  /** A small sentence in the header, such as when a form was saved. */
  aside?: string;
  /** The errors of the page's form; its title then says so first. */
  errors?: FieldError[];
  children: ComponentChildren;
}

// The content security policy allows no style sheet that a script makes. (What htmx would evaluate, `hx-on` and
// filters, it refuses too; we use neither.)
const HTMX = JSON.stringify({ includeIndicatorCSS: false });

function Head({ view, title, errors }: Pick<PageProps, 'view' | 'title' | 'errors'>) {
  const { t, nonce } = view;
  const prefix = errors && errors.length > 0 ? `${t('common:form.errorTitle')}｜` : '';
  return (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="format-detection" content="telephone=no" />
      <meta name="htmx-config" content={HTMX} />
      <title>{`${prefix}${title}｜支え Sasae`}</title>
      <link rel="icon" type="image/svg+xml" href={assetPath('icon')} />
      <link rel="stylesheet" href={assetPath('css')} nonce={nonce} />
      <script src={assetPath('htmx')} nonce={nonce} defer />
      <script src={assetPath('script')} nonce={nonce} type="module" />
    </head>
  );
}

/** The link of the place where one is: the longest one that this page's path begins with. */
function currentOf({ path, navigation }: View): string | undefined {
  const place = path.split('?')[0]!;
  const around = navigation.filter(({ href }) => place === href || place.startsWith(`${href}/`));
  return around.sort((one, other) => other.href.length - one.href.length)[0]?.href;
}

function Navigation({ view }: { view: View }) {
  const { t, navigation } = view;
  const current = currentOf(view);
  return (
    <ul>
      {navigation.map(({ href, label, count }) => (
        <li key={href}>
          <a href={href} aria-current={href === current ? 'page' : undefined}>
            {label}
            {count !== undefined && count > 0 && (
              <>
                <b class="count" aria-hidden="true">
                  {number(count)}
                </b>
                <span class="visually-hidden">{t('common:page.waiting', { count })}</span>
              </>
            )}
          </a>
        </li>
      ))}
    </ul>
  );
}

/** The other language, offered in that language. */
function LanguageForm({ view }: { view: View }) {
  const other = view.language === 'ja' ? 'en' : 'ja';
  return (
    <PostForm action="/language">
      <HiddenField name="language" value={other} />
      <HiddenField name="back" value={view.path} />
      <button type="submit" lang={other}>
        {translator(other)('common:page.languageName')}
      </button>
    </PostForm>
  );
}

// A `details` opens without script. On the phone it also holds the navigation, which the header has no room for.
function Menu({ view, user }: { view: View; user: NonNullable<View['user']> }) {
  const { t } = view;
  return (
    <details class="menu">
      <summary>
        <span class="who">{user.label}</span>
        <span class="for-desk" aria-hidden="true">
          {view.language === 'ja' ? '・' : '\u00a0·\u00a0'}
          {t('common:page.languageName')} ▾
        </span>
        <span class="for-phone">
          <span aria-hidden="true">☰</span> {t('common:page.menu')}
        </span>
      </summary>
      <div class="panel">
        <nav class="for-phone" aria-label={t('common:page.navigation')}>
          <Navigation view={view} />
        </nav>
        <p>
          {user.name}
          <small>{user.label}</small>
        </p>
        <a href="/account">{t('common:page.account')}</a>
        <LanguageForm view={view} />
        <PostForm action="/sign-out">
          <button type="submit">{t('common:page.signOut')}</button>
        </PostForm>
      </div>
    </details>
  );
}

const Header = ({ view, aside }: Pick<PageProps, 'view' | 'aside'>) => (
  <header class="top">
    <div>
      <a class="brand" href="/">
        支え <small lang="en">Sasae</small>
      </a>
      {view.navigation.length > 0 && (
        <nav class="for-desk" aria-label={view.t('common:page.navigation')}>
          <Navigation view={view} />
        </nav>
      )}
      {aside && <span class="aside">{aside}</span>}
      {view.user ? <Menu view={view} user={view.user} /> : <LanguageForm view={view} />}
    </div>
  </header>
);

type HeadingProps = Pick<PageProps, 'title' | 'heading' | 'lead' | 'tags' | 'actions'>;

const Heading = ({ title, heading, lead, tags, actions }: HeadingProps) => (
  <div class="heading">
    <div>
      <h1>{heading ?? title}</h1>
      {(lead || tags) && (
        <div class="lead">
          {lead && <p>{lead}</p>}
          {tags && <p class="tags">{tags}</p>}
        </div>
      )}
    </div>
    {actions && <div class="actions">{actions}</div>}
  </div>
);

/** The whole page around its content. */
export function Page({ view, narrow, back, above, errors, aside, children, ...heading }: PageProps) {
  return (
    <html lang={view.language}>
      <Head view={view} title={heading.title} errors={errors} />
      <body>
        <a class="skip" href="#main">
          {view.t('common:page.skip')}
        </a>
        <PagePatterns />
        <Header view={view} aside={aside} />
        <main id="main" tabIndex={-1} class={narrow ? 'narrow' : undefined}>
          {view.alarms?.map(({ text, href }) => (
            <p key={href} class="note warn" role="alert">
              <a href={href}>{text}</a>
            </p>
          ))}
          {view.notice && (
            <p class="notice" role="status">
              {view.notice}
            </p>
          )}
          {back && (
            <p class="back">
              <a href={back.href}>
                <span aria-hidden="true">← </span>
                {back.label}
              </a>
            </p>
          )}
          {above}
          <Heading {...heading} />
          {children}
        </main>
      </body>
    </html>
  );
}

/** The text of a page for the browser. */
export const renderPage = (page: VNode): string => `<!doctype html>${render(page)}`;
