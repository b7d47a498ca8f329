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
      kept: '時間がたったため、ログアウトしました。書いたものは残っています。ログインすると、続きを送れます。',
    },
    code: {
      title: '2つ目の確認',
      lead: '認証アプリに出ている数字を入れてください。',
      label: '確認の数字',
      help: '認証アプリの6けたの数字か、予備コード1つ',
      button: '確かめる',
      lost: '認証アプリが使えないときは予備コードを入れてください。どちらもないときは、管理担当に連絡してください。',
      other: '別のアカウントでログインする',
      kept: '書いたものは残っています。確かめると、続きを送れます。',
    },
    stepUp: {
      title: 'もう一度、数字で確かめます',
      lead: '大切な操作の前なので、認証アプリの数字を入れてください。書いたものは残っていて、そのまま先へ進みます。',
      button: '確かめて先へ進む',
    },
    kept: {
      title: '続きを送れます',
      lead: 'ログアウトする前に書いたものが残っています。まだ送られていません。',
      button: '続きを送る',
      drop: '送らずにホームへ',
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
      kept: 'You were signed out after a while. What you wrote is still here: sign in, and you can send it.',
    },
    code: {
      title: 'Second check',
      lead: 'Enter the number that your authenticator app shows.',
      label: 'Number',
      help: 'The 6 digits of the app, or one recovery code',
      button: 'Check it',
      lost: 'When the app is out of reach, enter a recovery code. If you have neither, please ask an administrator.',
      other: 'Sign in with another account',
      kept: 'What you wrote is still here: after this check you can send it.',
    },
    stepUp: {
      title: 'One more check by number',
      lead: 'This is an important step, so please enter the number of your authenticator app. What you wrote is kept and goes on from here.',
      button: 'Check it and go on',
    },
    kept: {
      title: 'You can send it now',
      lead: 'What you wrote before you were signed out is still here. It has not been sent yet.',
      button: 'Send it',
      drop: 'Go home without sending',
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
    otp: { refused: '数字がちがうか、もう使われています。アプリの新しい数字を入れてください。' },
    factor: {
      needed: '2つ目の確認が必要です。認証アプリの数字（otp）もいっしょに送ってください。',
      missing: '先に、認証アプリを登録してください。',
      stale: 'この操作の前に、認証アプリの数字でもう一度確かめてください。',
    },
    session: { needed: 'これはブラウザーでログインした人だけができます。' },
    key: { read_only: 'この鍵は読むだけです。書きこむには、読み書きの鍵を使ってください。' },
    attempts: {
      limited:
        '何度も続けてまちがいがありました。{{minutes, number}}分ほど待ってから、もう一度ためしてください。',
    },
    field: {
      rolesMixed: '団体の役割と事務局の役割は、いっしょに持てません。',
      otp: '数字がちがいます。アプリに今出ている6けたの数字を入れてください。',
      passwordCommon: 'よく使われていて、すぐに当てられるパスワードです。ほかの文にしてください。',
      passwordOwn: '名前やメールアドレスが入っています。ほかの文にしてください。',
      successor: '同じ団体で働いている人を、その人のアカウントを終わらせるときに選んでください。',
      passwordWrong: '今のパスワードがちがいます。',
    },
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
    otp: { refused: 'The number is wrong or was used already. Please enter a new one from the app.' },
    factor: {
      needed: 'A second check is needed. Please send the number of your authenticator app (otp) too.',
      missing: 'Please set up an authenticator app first.',
      stale: 'Before this step, please enter the number of your authenticator app once more.',
    },
    session: { needed: 'Only somebody who signed in with a browser can do this.' },
    key: { read_only: 'This key can only read. Use a key that can write.' },
    attempts: {
      limited: 'Too many attempts failed. Please wait about {{minutes, number}} min and try again.',
    },
    field: {
      rolesMixed: 'One account cannot have both a group role and a network role.',
      otp: 'The number is wrong. Please enter the 6 digits that the app shows now.',
      passwordCommon: 'This is a common password that is quickly guessed. Please choose another sentence.',
      passwordOwn: 'This has your name or mail address in it. Please choose another sentence.',
      successor: 'Please choose somebody who works for the same group, when the account ends.',
      passwordWrong: 'This is not your present password.',
    },
  },
});
