import { defineWords } from '../web/words.js';

defineWords('access', {
  ja: {
    signIn: {
      title: 'ログイン',
      lead: '団体・担当のアカウントで入ります。',
      email: 'メールアドレス',
      password: 'パスワード',
      button: 'ログインする',
      help: 'パスワードがわからないときは、事務局の管理担当に連絡してください。',
    },
    welcome: {
      title: 'ようこそ',
      lead: 'これから使うパスワードを決めてください。12文字以上なら、どんな文でもかまいません。',
      password: '新しいパスワード',
      button: 'パスワードを決めて入る',
    },
    done: { signedOut: 'ログアウトしました。' },
  },
  en: {
    signIn: {
      title: 'Sign in',
      lead: "Use your group's or your own account.",
      email: 'Mail address',
      password: 'Password',
      button: 'Sign in',
      help: 'If you do not know your password, please ask an administrator of the network.',
    },
    welcome: {
      title: 'Welcome',
      lead: 'Please choose a password. Any sentence of 12 characters or more will do.',
      password: 'New password',
      button: 'Choose it and come in',
    },
    done: { signedOut: 'You are signed out.' },
  },
});

defineWords('errors', {
  ja: {
    sign_in: { refused: 'メールアドレスかパスワードがちがいます。もう一度入力してください。' },
    link: { used: 'このリンクはもう使えません。管理担当に新しいリンクを頼んでください。' },
    user: { last_admin: '最後の管理担当です。先に、ほかの人を管理担当にしてください。' },
    email: { taken: 'このメールアドレスのアカウントがもうあります。' },
    origin: { mismatch: 'ほかのサイトから送られた操作は受け付けません。ページを開き直してください。' },
    idempotency: {
      missing: 'Idempotency-Key が必要です。同じ操作には同じ鍵を付けて送ってください。',
      mismatch: '同じ鍵で、ちがう内容が送られました。新しい鍵を付けてください。',
    },
    field: { rolesMixed: '団体の役割と事務局の役割は、いっしょに持てません。' },
  },
  en: {
    sign_in: { refused: 'The mail address or the password is wrong. Please try again.' },
    link: { used: 'This link can no longer be used. Please ask an administrator for a new one.' },
    user: { last_admin: 'This is the last administrator. Please make somebody else one first.' },
    email: { taken: 'There is an account with this mail address already.' },
    origin: { mismatch: 'We do not take actions sent from other sites. Please open the page again.' },
    idempotency: {
      missing: 'An Idempotency-Key is needed. Send the same action with the same key.',
      mismatch: 'This key came with another body before. Please use a new key.',
    },
    field: { rolesMixed: 'One account cannot have both a group role and a network role.' },
  },
});
