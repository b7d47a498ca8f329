/**
 * Passwords that everybody tries first, and the words that they are made of, from `@zxcvbn-ts/language-common` 3.0.4
 * (MIT): all of twelve characters or more, and the words of five letters or more in its first 2,200.
 */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `
    010203040506 012345678910 014702580369 01telemike01 050605rostik 102030405060 1111111111zz 111222333000
    111222333444555 112233445566 122333444455555 123123qweqwe 123321123321 123321456654 123321qweewq
    123456654321 12345677654321 123456782000 1234567887654321 123456789000 12345678900987654321 123456789012
    1234567890987654321 1234567890qaz 1234567890qw 1234567890qwe 1234567890qwerty 1234567890zzz 123456789101
    123456789123 1234567892000 12345678987654321 123456789987654321 123456789aaa 123456789abc 123456789asd
    123456789qaz 123456789qqq 123456789qwe 123456789qwer 123456789qwerty 123456789zxc 1234567qwertyu
    123456qwerty 123456zxcvbn 1234qwerasdf 1234qwerasdfzxcv 123ewqasdcxz 123qwe123qwe 123qwe456rty
    123qweasdzxc 123qwerty123 12qw34er56ty 159753159753 159753456852 193570356033 19960610ilja 1a2a3a4a5a6a
    1a2s3d4f5g6h 1q2w3e4r5t6y 1qa2ws3ed4rf 1qa2ws3ed4rf5tg 1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qazxsw23edc
    1qazxsw23edcvfr4 23176djivanfros 23wkoa0fp78dk 31217221027711 32615948worms 41d8cd98f00b 420842084208555
    4815162342lf 4815162342lost 541233432442 59382113kevinp 6215mila6215 742617000027 89063032220m
    89231243658s 89876065093rax 89semtsriuty a1b2c a1b2c3d a1s2d3f4g5h6 a2b3c a2b3c4d aardvark aaron
    abc123456789 abgrtyu abigail access accord action adgjmptw adidas admin admin18533362 administrator
    adrian africa airborne airforce airplane aksjdlasdakj89879 alabama alaska albert alberto alejandr
    aleksandr alexande alexander alexandr alexandra alexis alfred alicia aliens alison allen allison alpha
    alpha135792468 alpine always alyssa amadeus amadeusptfcor amanda amateur amber america american
    an83546921an13 anakin anastasia anderson andre andrea andreas andrei andrew andrewjackie andrey angel
    angela angelica angelina angelo angels animal annie antananarivu anthony anton antonio anubis anything
    anytimetoday apache apollo apple apples april aragorn archer archie arizona arnold arsenal arthur artist
    asd123asd123 asdasd asdfasdf asdfg asdfgh asdfgh123456 asdfghj asdfghjk asdfghjkl asdfghjkl123 asdzxc
    ashley assass assassin asshole assman athena atlanta atlantis auburn auckland2010 audrey august aurora
    austin autumn avalon avatar avrillavigne awesome azerty babes babydoll babygirl babylon badass badboy
    badger badiman28200 baggins bailey baller balls bambam banana bananas bandit banshee barbara barbie
    barcelon barcelona barney baseball basket basketba basketball bassman bastard batman battle baxter beach
    beagle beatles beautiful beauty beaver beavis beetle bender benjamin benson bentley berlin bernard
    bernie bertha bhrh0h2oof6xbqjeh bianca bigboobs bigboy bigdaddy bigdog bigfoot biggie bigguy bigmac
    bigman bigone bigred bigtits billy billybob bingo birdie birthday biscuit bishop biteme blabla black
    blackcat blackdog blackie blackman blacksonblon blade blades blahblah blaster blazer blessed blink
    blizzard blonde blondie blood blowjob blowme bltynbabrfwbz bluebird bluemoon blues bluesky bobafett
    bobbob bobby bobcat boeing bollocks bomber bondage bonehead bonjour bonnie boobies booboo boobs booger
    boogie boomer booty boston bottom bowling boy4u2ownnyc bpgjldsgjldthnf bradley brandi brandon brandy
    brasil braves brazil brenda brendan brian brianna bridge britney brittany bronco broncos brooke brooklyn
    brooks brother brown brownie browns bruce bruins bruno brutus bubba bubble bubbles buckeye buckeyes
    buddha buddy budlight buffalo buffett buffy bugger bulldog bulldogs bullet bullnuts2003 bullshit bunny
    burger burton business businessbabe buster butler butter butterfl butterfly butthead buttons byteme
    cactus cadillac caesar californ callie calvin camaro camera cameron camille campbell canada cancer candy
    cannon cantona capital captain cardinal carlo carlos carmen carolina caroline carrie carrot carson
    carter cartman caserta casey casino casper cassidy cassie castle catalina catch catdog catfish cavalier
    cdtnkfyf celica celtic cessna champion chance chandler change changeme chaos charger chargers charles
    charlie charlott charly check cheese cheeseburger chelsea cherokee cherry cheryl chester chesterfield
    chevelle chevy cheyenne chicago chichi chicken chickenwing101 chicks chiefs chipper chocolat chopper
    chris chrissy christ christia christian christin christine christop christopher1 christy chronic chubby
    chuck chucky cindy civilization cjdthitycndj cjkysirj cjkywt claire classic claudia clayton clifford
    clinton clover cnfc35762209 cobra cocacola coffee colleen college collins colorado colors coltrane
    columbia combat123654 compaq computer concrete condor configuratio connect connie connor construction
    consumer contortionist control cookie cookies cooldude coolio cooper copper corona corperfmonsy corvette
    cosmopolitan cosmos cotton cougar counterstrike country courtney cowboy cowboys coyote cracker crazy
    cream creative cricket crimson cristina crusader crystal cthutq cumming cumshot curious curtis cynthia
    daddy dagger daisy dakota dallas damian damien dancer danger daniel daniela danielle danni danny
    darkness darkside darkstar darren darwin david daytona dbrnjhbz death debbie december deedee defender
    deftones delete delta denis denise dennis denver derrick design desire destiny detroit devil devildog
    devilmaycry4 devils dexter dfvgbh diablo diamond diamonds diana diesel dietcoke digger digital
    digitalprodu dilbert dillon dingdong dirty discover disney dkflbvbh dkflbvbhjdbx dkflbvbhjdyf doctor
    dodge dodger dodgers doggie doggy dollar dolphin dolphins domainlock2005 dominic domino donald donkey
    doodle dookie dorothy douglas dragon dragons dream dreamer dreams driver drizzt drowssap drpepper
    drummer dublin ducati dudley dumbass duncan dustin dusty eagle eagles eatme eatshit eclipse eddie edward
    edwardcullen einstein ekaterina elaine electric element elena elephant elizabet elizabeth elvis elwood
    emerald emily eminem empire energy engine engineer england english enigma enjoy enter enterpri
    entertainment erotic escort eternity eugene evelyn everton exigen explorer express extreme falcon family
    fantasy farmer faster fatboy fatcat father fatima753357 felix fender fernando ferrari ferret fetish
    ficken fighter finalfantasy findaupair007 finger finish fireball firebird firefly fireman fisher fishing
    fkmnthyfnbdf fktrcfylh fktrcfylhjdbx fktrcfylhjdf fktrcfylhjdyf fktrctq flash flatron flight flipper
    florence florida flower flowers fluffy flvbybcnhfnjh flyers foobar football forest forever foreveryoung
    forget formula fossil foster foxtrot france frances francis frank frankie franklin freak freaky freddie
    freddy frederiksberg fredfred freedom freeman freepass freeuser french friday friend friends froggy
    frosty funtime fusion future fyfcnfcbz fylhtq fynfyfyfhbde gabriel galaxy galina galore gambit gandalf
    gangsta gangster garcia garden garfield garrett gateway gators geheim gemini general genesis genius
    george georgia gerald gerard german germany geronimo getsome gfhfktkjuhfv gfhjkm gfhjkmgfhjkm ghbdtn
    ghbdtnbr ghbdtnghbdtn ghbdtnrfrltkf ghhh47hj7649 ghjatccbjyfk ghjcnj ghjcnjgbpltw ghjcnjgfhjkm
    ghjcnjghjcnj ghjcnjqgfhjkm ghjcnjrdfibyj ghjnbdjcnjzybt ghost ghtdtlvtldtl giants gibson gilbert ginger
    giovanni girls gizmo gjkysqgbpltw global gloria gn56gn goblin goblue goddess godzilla goforit goldberg
    golden goldfish goldie golfer goober goodluck google gordon gorilla gotcha gothic grace gracie graham
    great green greenday greenlantern gregory grendel griffey griffin grizzly groovy gthtrfnbgjkt
    gtnhjpfdjlcr guardian guinness guitar gundam gunner hacker halflife hamilton hamlet hammer hamster
    hannah hannibal hansolo happy hardcore hardon harley harmony harold harris harrison harry harvey hawaii
    hawkeye hd764nw5d7e1vb1 hd764nw5d7e1vbv heather heaven hector hedimaptfcor helena hellfire hello helpme
    hendrix henry hentai herbert hercules herman hershey hesoyam highland hiphop history hitman hjvfirf
    hobbes hobbit hockey holden holiday holland holly hollywoo holmes homer honda honey hongkong hooker
    hooters hoover hornet horney horny horse horses hotboy hotdog hotrod hotsex hotstuff hottie house
    houston howard hummer hunter hunting huskers iampurehaha2 ibanez icecream iceman iloveboobies
    ilovemyfamily ilovesex iloveu iloveyou immortal impala indian indiana indians indigo infantry inferno
    infinity ingodwetrust insane inside installdevic installsqlst integra intelligence international
    internet intrepid ipo54tj45uy856 ireland irina irish ironman isabel isabella isabelle iseedeadpeople
    island italia iverson iwantu jackass jackie jackoff jackson jacob jaguar jamaica james jamesbond007
    jamie janice january japan jasmin jasmine jason jasper jeffrey jennifer jenny jeremy jericho jerome
    jerry jersey jessica jessie jester jesus jimmy joanna joanne joejoe johnjohn johnny johnson joker
    jonathan jones jordan joseph josephphone7 joshua juice julia julian julie jumper jungle junior jupiter
    justice justin justinbieber justme juventus kaiser kangaroo kansas karate karen karina katana katerina
    kathleen katie katrina kawasaki keeper kelly kelsey kennedy kenneth kermit kevin keyboard killer
    kimberly kingdom kingkong kirill kissme kitten kitty kittycat klaster knicks knight knights kodiak
    kolobok kramer kristen kristin kristina ktjynsq40147 lacrosse ladies ladybug lakers lancer larisa larry
    lasvegas latino laura lauren lawrence leather leavemealone ledzep legend legion legolas lennon leonard
    leonardo lesbian leslie lestat lester letmein lhbjkjubz2957704 liberty licker lickme lifehack light
    lights lincoln linda lindsay lindsey liquid little liverpoo liverpool lizard lobster logan logitech
    lolita lollipop lollol london lonestar lonewolf longhorn looking lorenzo loser lost4815162342 louise
    loulou love777321777 lovelove lovely loveme lover loverboy lovers loveyou loving lowrider lucas lucifer
    lucky luther lvbnhbq lytdybrbdfvgbhf lytghjgtnhjdcr machine maddie maddog madison madman madmax madness
    madonna madrid maestro maggie magic magnum maiden mailcreated5240 makaveli maksim malcolm malibu manager
    manchester maniac manson manuel manutd maprchem56458 marathon marcel marco marcus margaret maria mariah
    marie marina marinamarina marine marines marino mario marion markus marlboro marley marlin marshall
    martha martin martina martini marvin maryjane massimiliano master masterbaiting masters masturbation
    matrix matthew mature maurice maurolarastefy maverick maxima maximus maxine maxmax maxwell megadeth
    megaman melanie melissa melvin member memphis mercedes mercury meridian merlin metallic metallica
    mevefalkcakk mexico miami michael michaeljackson michel michele michelle michigan mickey microsoft
    midnight miguel milano miller millie million milton minecraft minecraft123 minnie mirage miranda mission
    missy mister mistress misty mitchell mobile mollie molly momsanaladventure monday money mongoose monica
    monika monique monitor monkey monroe monster montana montreal mookie moomoo moose morgan morganstanley
    morpheus morris morrison mortalkombat moscow mother motorola mountain mouse movie mozart msoracle32re
    msorcloledbr muffin mulder munchkin murphy murray muscle mushroom music musicman mustang mylove nadine
    naked napoleon naruto nascar nasty nastya nastyanastya natali natalia natalie natasha nathan national
    naughty ncc1701d ncc1701e necronomicon needforspeed nelson nemesis nemvxyheqdd5oqxyxyzi neptune network
    networkingpe newlife newman newpass newport newproject2004 newton newyork nfnmzyf nhbujyjvtnhbz
    nhecsyfujkjdt nhfdvfnjkju123 nhfycajhvths nicholas nicola nicolas nicole nightcrawler nikita nikki
    nimrod niners ninja nintendo nipple nipples nirvana nissan nolimit nondriversig nookie norman norton
    nothing november ntktdbpjh1994 nugget nylons nymets oakland obiwan october office oksana olcrackmaster
    oldman oliver olivia omega onelove online ontheoutside openup orange orion orlando oscar osiris outlaw
    overlord oxford pacific packard packers pakistan paladin palmer pamela panama panasonic pandora pantera
    panther panthers panties panzer paradise paradox paraklast1974 paris parker parrot party pascal passat
    passion passport passw0rd passwor password password1234 passwordassword passwordpassword
    passwordstandard patches patricia patrick patriot patriots patton pavilion peace peaches peanut
    peanutbutter peanuts pearljam pebbles peekaboo peewee pegasus pencil penelope penguin penguins penny
    pentium people pepper pepsi perfect personal pervert peter pfqwtd27121988 phantom philadelphia philip
    philips phillip philly phoebe phoenix photos phpbb picard picasso pickle pickles pierre piglet pikachu
    pimpin pioneer pirate pirates pitbull pizza planet plastic platinum playboy player playstation2
    playstation3 playtime please pleasure poison pokemon polaris police polina polniypizdec0211
    polniypizdec1102 polniypizdec110211 pontiac poohbear pookie poopie poopoo popcorn popeye porno
    pornographic pornstar porsche porter portland portugal postal potato potter powder power powers precious
    predator prelude presario preston pretty prince princes princess private privet professional psycho
    ptybnxtvgbjy pumpkin punisher punkrock punksnotdead purple pussies pyramid python q1w2e q1w2e3r
    q1w2e3r4t q1w2e3r4t5y q1w2e3r4t5y6 q1w2e3r4t5y6u7 q1w2e3r4t5y6u7i8 q1w2e3r4t5y6u7i8o9p0 q2w3e q2w3e4r
    q2w3e4r5t q2w3e4r5t6y qawsed qawsedrftgyh qaz123wsx456 qaz2wsx qaz2wsx3edc qazqaz qazwsx qazwsx123456
    qazwsxed qazwsxedc qazwsxedc123 qazwsxedcrfv qazwsxedcrfvtgb qazwsxqazwsx qazxsw qazxswedc qazxswedc123
    qazxswedcvfr quality qwaszx qwaszxerdfcv qwe123qwe123 qweasd qweasdzxc qweasdzxc123 qweqwe qwerasdf
    qwerasdfzxcv qwert qwertasdfgzxcvb qwerty qwerty123456 qwerty123456789 qwertyasdfgh qwertyu qwertyui
    qwertyuiop qwertyuiop10 qwertyuiop12 qwertyuiop123 qwertyuiop12345 qwertyytrewq rabbit racecar racerx
    rachel racing raider raiders rainbow raistlin rammstein random randy ranger rangers raptor rascal rasdzv
    raven ravens raymond reaper rebecca rebels reddog redhead redman redneck redrum redskins redsox redwings
    reggie regina remember renegade residentevil review rfnthbyf1988 rfrfirf rhbcnbyf ricardo richard richie
    ripper rjntyjr robbie robert roberto robin robinson rocker rocket rocks rockstar rocky rodney roland
    rolltide roman rommel ronald ronaldinho10 ronaldo ronnie rooster roscoe rosebud roxanne rubber rulez
    runner ruslan russell russia rusty sabine sabrina sadie safety sailing sailor saints sakura sally salmon
    samantha sammie sammy sampson samson samsung samuel samurai sandiego sandman sandra sandy sanfrancisco
    santiago sarah sasha satan satisfaction saturn saun24865709 savage savannah scandinavian scarface
    scarlet scarlett school schoolgirlie scooby scooter scorpio scorpion scotland scott scotty scruffy
    scully sdicmt7seytn search seattle sebastia secret security seemnemaailm seinfeld seminole semperfi
    septembe serega serena serenity sergei sergey sergio service sesame seven sex4me sexsex sexual shadow
    shaggy shalom shamrock shaney shannon shark sharks sharon shasta shaved shazam sheila shelby shelly
    sherlock sherman sherry shiloh shirley shithead shogun shooter short shorty shotgun showme showtime
    sidney siemens sierra silver silvia simon simone simple simpson simpsons singer single sinner sirius
    sister skater skeeter skipper skippy skittles skyline skywalke slapshot slayer slick slipknot smile
    smiles smiley smith smitty smoke smokey smooth snake snakes snapper snatch snickers sniper snoopy
    snowball snowman sobaka soccer socrates softball software sojdlg123aljg soldier solomon sommer
    sonnenschein sonyericsson sooners sophia sophie soso123aljg spanking spanky sparky spartak spartan
    special specialinsta speed speedy spencer spider spiderma spiderman spike spirit spitfire spooky sports
    spring sprint sprite spunky spyder squirrel squirt srinivas stacey stalker stallion standard stanley
    starcraft stardust stargate stars startrek starwars stealth steelers stefan stella stephani stephen
    sterling steve steven stevie stewart stickdaddy77 sticky stimpy stinger stingray stinky stinkyfinger
    stocking stone stonecol stones storm stormy stranger stratocaster street strider strike stuart student
    stupid subaru sublime success sucker suckit suckme sucks sugar summer sundance sunday sunny sunrise
    sunset sunshine super superfly superman supernatural support surfer surfing susan suzanne suzuki
    svetlana swallow sweet sweetie sweetpea sweets sweety swimming swinger swordfis swordfish sydney sylvia
    system systemofadown tacobell tamara tanker tanner target tarheel tarheels tarzan tattoo taurus taylor
    tazman teacher techno teddy teens temppassword tennis tequila teresa terry tester testing testtest texas
    thailand thanks thecakeisalie thegame theman theone therock thomas thompson thuglife thumper thunder
    ticketmaster tickle tiffany tiger tigers tigger timber timothy tinker tintin titanic titans tomcat tommy
    tomtom topgun tornado toronto toshiba tottenha toyota tracey trains trance transam transformers travel
    travis trebor trevor trfnthbyf trigger trinity tristan triumph trixie trojan trombone trooper trouble
    truck trucker trucks trumpet trunks trustno tucker turbo turkey turner turtle tweety twilight twister
    tyler ultimate unbelievable unicorn united unreal usuckballz vacation vagina valentin valentina valera
    valerie vampire vanessa vanhalen vanyarespekt vegeta velvet verbatim veronica veronika vertigo vfhbyf
    vfhbyfvfhbyf vfrcbv vfrcbvvfrcbv vfvfvskfhfve vfvjxrf victor victoria victory video viking vikings
    viktor vincent violet viper virgin virginia vision vladimir vladimirovna volume voodoo voyager walker
    wallace walnut walter wanker warcraft warhammer40k warlock warren warrior warriors water waterloo waters
    watson wazzkaprivet weasel websolutions websolutionssu webster webuivalidat weezer weihnachtsbau
    weihnachtsbaum welcome werewolf wesley western westham westside whatever wheels whiskey white whitney
    whosyourdaddy whynot wicked wildcat wildcats william williams willie willow wilson windows winner winnie
    winston winter wisdom wizard wolfgang wolfman wolfpack wolverin wolverine wolves wombat women wonder
    woody wordpass world wrangler wrinkle wutang xavier xfiles xxxp455w0rd5 yamaha yankee yankees ybrbnf
    yellow yfnfif yomama young yvonne z1x2c3v4b5n6 z1x2c3v4b5n6m7 zachary zaq12wsx zaq12wsxcde3 zaq1xsw
    zaq1xsw2cde3 zaqwsx zaqwsxcderfv zcfvfzkexifz zeppelin zipper zombie zqjphsyf6ctifgu zxcasdqwe123 zxcvbn
    zxcvbn123456 zxcvbnm zxcvbnm123456789 zxcvbnmmnbvcxz
  `
    .trim()
    .split(/\s+/),
);
