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
      lead: {
        app: '認証アプリに出ている数字を入れてください。',
        passkey: 'パスキーで確かめてください。',
        both: 'パスキーか、認証アプリの数字で確かめてください。',
      },
      label: '確認の数字',
      help: '認証アプリの6けたの数字か、予備コード1つ',
      recovery: '予備コード',
      button: 'コードで確かめる',
      lost: {
        app: '認証アプリが使えないときは予備コードを入れてください。どちらもないときは、管理担当に連絡してください。',
        passkey:
          'パスキーが使えないときは予備コードを入れてください。どちらもないときは、管理担当に連絡してください。',
        both: 'どちらも使えないときは予備コードを入れてください。それもないときは、管理担当に連絡してください。',
      },
      other: '別のアカウントでログインする',
      kept: '書いたものは残っています。確かめると、続きを送れます。',
    },
    stepUp: {
      title: 'もう一度、本人か確かめます',
      lead: {
        app: '大切な操作の前なので、認証アプリの数字を入れてください。書いたものは残っていて、そのまま先へ進みます。',
        passkey:
          '大切な操作の前なので、パスキーで確かめてください。書いたものは残っていて、そのまま先へ進みます。',
        both: '大切な操作の前なので、パスキーか認証アプリの数字で確かめてください。書いたものは残っていて、そのまま先へ進みます。',
      },
      button: 'コードで確かめて先へ進む',
    },
    passkey: {
      signIn: 'パスキーでログインする',
      use: 'パスキーで確かめる',
      failed: 'パスキーを使えませんでした。もう一度ためすか、ほかの方法を使ってください。',
      noScript: {
        get: 'パスキーは、JavaScript が動くブラウザーで使えます。動かないときは、パスワードとコードを使ってください。',
        create:
          'パスキーを作るには、JavaScript が動くブラウザーが必要です。認証アプリなら、なくても登録できます。',
      },
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
      lead: {
        app: 'Enter the number that your authenticator app shows.',
        passkey: 'Please use your passkey.',
        both: 'Use your passkey, or the number of your authenticator app.',
      },
      label: 'Number',
      help: 'The 6 digits of the app, or one recovery code',
      recovery: 'Recovery code',
      button: 'Check the code',
      lost: {
        app: 'When the app is out of reach, enter a recovery code. If you have neither, please ask an administrator.',
        passkey:
          'When your passkey is out of reach, enter a recovery code. If you have neither, please ask an administrator.',
        both: 'When both are out of reach, enter a recovery code. If you have none, please ask an administrator.',
      },
      other: 'Sign in with another account',
      kept: 'What you wrote is still here: after this check you can send it.',
    },
    stepUp: {
      title: 'One more check that it is you',
      lead: {
        app: 'This is an important step, so please enter the number of your authenticator app. What you wrote is kept and goes on from here.',
        passkey:
          'This is an important step, so please use your passkey. What you wrote is kept and goes on from here.',
        both: 'This is an important step, so please use your passkey or the number of your authenticator app. What you wrote is kept and goes on from here.',
      },
      button: 'Check the code and go on',
    },
    passkey: {
      signIn: 'Sign in with a passkey',
      use: 'Use your passkey',
      failed: 'The passkey could not be used. Please try again, or use another way.',
      noScript: {
        get: 'Passkeys work in a browser that runs JavaScript. Without it, please use the password and a code.',
        create:
          'A passkey is made in a browser that runs JavaScript. An authenticator app can be set up without it.',
      },
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
    user: {
      last_admin: '最後の管理担当です。先に、ほかの人を管理担当にしてください。',
      own_roles: '自分の役割は変えられません。ほかの管理担当に頼んでください。',
    },
    email: { taken: 'このメールアドレスのアカウントがもうあります。' },
    origin: { mismatch: 'ほかのサイトから送られた操作は受け付けません。ページを開き直してください。' },
    idempotency: {
      missing: 'Idempotency-Key が必要です。同じ操作には同じ鍵を付けて送ってください。',
      mismatch: '同じ鍵で、ちがう内容が送られました。新しい鍵を付けてください。',
    },
    otp: { refused: '数字がちがうか、もう使われています。アプリの新しい数字を入れてください。' },
    factor: {
      needed: '2つ目の確認が必要です。認証アプリの数字（otp）もいっしょに送ってください。',
      missing: '先に、認証アプリかパスキーを登録してください。',
      stale: 'この操作の前に、認証アプリの数字かパスキーでもう一度確かめてください。',
      last: '最後のパスキーです。先に、認証アプリか別のパスキーを登録してください。',
      own: '自分の2つ目の確認は、アカウントのページで変えてください。なくしたときは、ほかの管理担当に頼んでください。',
    },
    passkey: {
      refused: 'このパスキーでは確かめられませんでした。もう一度ためすか、ほかの方法を使ってください。',
      not_added: 'パスキーを登録できませんでした。もう一度作ってください。',
      press: '下のボタンを押して、パスキーを作ってください。',
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
    user: {
      last_admin: 'This is the last administrator. Please make somebody else one first.',
      own_roles: 'Nobody changes the own roles. Please ask another administrator.',
    },
    email: { taken: 'There is an account with this mail address already.' },
    origin: { mismatch: 'We do not take actions sent from other sites. Please open the page again.' },
    idempotency: {
      missing: 'An Idempotency-Key is needed. Send the same action with the same key.',
      mismatch: 'This key came with another body before. Please use a new key.',
    },
    otp: { refused: 'The number is wrong or was used already. Please enter a new one from the app.' },
    factor: {
      needed: 'A second check is needed. Please send the number of your authenticator app (otp) too.',
      missing: 'Please set up an authenticator app or a passkey first.',
      stale:
        'Before this step, please enter the number of your authenticator app or use a passkey once more.',
      last: 'This is your last passkey. Please set up an authenticator app or another passkey first.',
      own: 'Change your own second check on your account page. If you lost it, please ask another administrator.',
    },
    passkey: {
      refused: 'This passkey did not fit. Please try again, or use another way.',
      not_added: 'The passkey could not be added. Please make it again.',
      press: 'Please press the button below to make the passkey.',
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
