// Data of the Unicode Character Database, version 17.0: script ranges (Scripts.txt, ScriptExtensions.txt), two emoji
// properties that the standard library lacks (emoji-data.txt), and simple case folding (CaseFolding.txt). Kept as text,
// of which a pattern reads the one line it names, so that nothing is decoded at start-up.

enum UnicodeTables {
  /// A row per script: `names;ranges;difference`. A range is `gap` or `gap:span` in base 36, the gap counted from the
  /// end of the range before. The difference holds the scalars that are in one of Script and Script_Extensions only.
  /// Rows that start with `#` are binary properties.
  static let scripts = """
    Adlam,Adlm;2olc:23 5:9 5:1;17j x 55b 2r6
    Ahom,Ahom;1j40:q 3:e 5:m;
    Anatolian_Hieroglyphs,Hluw;1s00:g6;
    Arabic,Arab;16o:4 2:5 2:d 2:2 2:v 2:9 c:p 2:2z 2:x 29:1b 6p:x 6:22 2:s 1bv5:dp 3:3z x:f 35:4 2:3q 31g:u 1w:5 9:8 \
    y:5 181t:3 2:q 2:1 2 3 2:9 2:3 2 2 7 5 2 2 2:2 2:1 2 3 2 2 2 2 2:1 2 3:3 2:6 2:3 2:3 2 2:9 2:g 6:2 2:4 2:g \
    1h:1;170 f 4 x b:a r 53z 2r6 14vx:1 141:r
    Armenian,Armn;10x:11 3:1d 3:2 1chw:4;lk
    Avestan,Avst;1gqo:1h 4:6;53 8zd:1
    Balinese,Bali;5c0:24 2:1d;
    Bamum,Bamu;www:2f 124p:fs;
    Bassa_Vah,Bass;1zo0:t 3:5;
    Batak,Batk;5hc:1f 9:3;
    Bengali,Beng;1vk:3 2:7 3:1 3:l 2:6 2 4:3 3:8 3:1 3:3 9 5:1 2:4 3:o;jg 1at:1 i:1 3u3 2 3:1 2 9 9 3 5 3:2 rne
    Beria_Erfe,Berf;20f4:o 3:o;
    Bhaiksuki,Bhks;1k3k:8 2:18 2:d b:s;
    Bopomofo,Bopo;kq:1 93u:16 35:v;jr 2:2 e 8x4:2 5:9 2:c b:3 3 7 5g 14ju:1 7v:4
    Brahmi,Brah;1hq8:25 5:z a;
    Braille,Brai;7wg:73;
    Buginese,Bugi;54w:r 3:1;xjj
    Buhid,Buhd;4lc:j;4l1:1
    Canadian_Aboriginal,Cans;3y8:hr fl:1x 1ewr:f;
    Carian,Cari;1f34:1c;53 68z 3 2qc
    Caucasian_Albanian,Aghb;1flc:1f c;lg 19 19
    Chakma,Cakm;1hxc:1g 2:h;1ye:9 18x:9
    Cham,Cham;xkw:1i a:d 3:9 3:3;
    Chorasmian,Chrs;1ho0:r;
    Cherokee,Cher;3vk:2d 3:5 twz:27;lc:2 2 7:1 n:1 c:1
    Common,Zyyy;0:1s r:5 r:1a 2:e 2:4 o w ci:12 6:4 3:j 39 a 7 2 hq 7 f 4 x 4d ed 3m:1 yi ba:3 83 168:2 20:1 5o:1 2 \
    y6 e 8:3 2:5 2:2 3 li:b 3:2e 2:a 4:a 2:e i:x 1r:11 2:2 3:5 2:q 2:g 16:2 5:ih n:a m:pr 75:hf 3:3t e9:2l b7:k 2 \
    2:o g:7 5:3 2k:1 4 2j:1 44:f x:11 a 1d:1r w:28 1c 2h:4n 535:1r hkx:x 2v:2 4m:9 6t 4h b0 f:1 g5v:1 5t:9 n:y 2:i \
    2:3 44 2:v r:5 r:a b 1a:1 1t:6 2:6 b:4 77:2 5:18 4:8 29:c 1g:18 6d:q 10o5:3 319:70 4:c3 7:m g:g 2o:37 1p:6t b:12 \
    3:1p 4:g 9:1 8:t 5:1o 5y:j d:j d:2e a:o 3s:2c 2:1y 2:1 3 3:1 3:3 2:b 2 2:6 2:1s 2:3 3:7 2:6 2:r 2:3 2:4 2 4:6 \
    2:9f 3:83 3:1d 41e:1v 25:1o jn:17 5:2r d:e 3:e 2:e 2:10 b:4t 1l:p 2:1 e:17 5:8 8:1 f:5 4b:rc 4:g 4:c 4:61 7:b 5 \
    g:b 5:1j 9:9 7:13 9:t 3:b 5:1 f:8 14:9j 9:d 3:c 4:a 4:1k 2 5:f 3:b 5:9 8:42 2:2u gvlz v:2n;53 ed b 2:2 2 a 2 4b \
    ig f 4 x mc:1 1hy 168:2 20:1 5o:1 2 y6 e 8:3 2:5 2:2 3 mt w b 3 2pm p:1 b 5 2 bx:f 2:2 3 2:9 2:c h:5 2 5:3 2k:1 \
    4 2j:1 44:f x:11 a 1d:13 1l:1c g:b 1g 2h:o b:4 2p:u mpu:7 89:9 6t 4h ghb:1 7a:1 7v:4 b 1a:1 9t:2 5:18 4:8 bm:q \
    10o5:3 4hp:h 63j:1
    Coptic,Copt,Qaac;rm:d 80h:37 6:6;53 g9 4:1 2 31:1 8f6 1615:r
    Cuneiform,Xsux;1kw0:pl 2v:32 2:4 c:5f;
    Cypriot,Cprt;1g5c:5 3 2:17 2:1 4 3;1erk:2 5:18 4:8
    Cypro_Minoan,Cpmn;1nyo:2q;1erk:1
    Cyrillic,Cyrl;sg:3o 3:4o 4lt:a 4h 25 38o:v nr5:2n han:1 18n5:1p y;jg 1w:2 2 2 2 3 6 ac:1 50y 37v
    Deseret,Dsrt;1fcw:27;
    Devanagari,Deva;1s0:28 5:e 3:p vhd:v mip:9;jg 1at:1 i:1 3u3:12 2:1 s7 qps:9
    Dives_Akuru,Diak;1ji8:6 3 3:7 2:1 2:t 2:1 3:b a:9;
    Dogra,Dogr;1jb4:1n;1us:b vcx:9
    Duployan,Dupl;2fpc:2y 6:c 4:8 8:9 3:3;53 gg:1 2 p:1 8ig 26p0:3
    Egyptian_Hieroglyphs,Egyp;1o1s:ut b:32y;
    Elbasan,Elba;1fk0:13;53 ge
    Elymaic,Elym;1hpc:m;
    Ethiopic,Ethi;3k0:20 2:3 3:6 2 2:3 3:14 2:3 3:w 2:3 3:6 2 2:3 3:e 2:1k 2:3 3:1u 3:v 4:p 547:m a:6 2:6 2:6 2:6 \
    2:6 2:6 2:6 2:6 opv:5 3:5 3:5 a:6 2:6 1qk2:6 2:3 2:1 2:e;lq
    Garay,Gara;1h6o:11 4:s 9:1;170 f 4
    Georgian,Geor;3a8:11 2 6 3:16 2:3 2a9:16 3:2 37l:11 2 6;53 ya 29e 31b 2qf
    Glagolitic,Glag;8ow:2n 2e1t:6 2:g 3:6 2:1 2:4;53 gc 2 an 3 76 29e 31b 2qx nqk
    Gothic,Goth;1f74:q;53 gd:1 3 15
    Grantha,Gran;1ibk:3 2:7 3:1 3:l 2:6 2:1 2:4 3:8 3:1 3:2 3 7 6:6 3:6 4:4;1u9:1 i:1 ht:d 3bx 2:1 v:2 4:1 s7 1buz \
    2hh:1 2
    Greek,Grek;og:3 2:2 3:3 2 5 2 2:2 2 2:j 2:1q f:f 4yv:4 1f:4 5:4 2d 8x:l 3:5 3:11 3:5 3:7 2 2 2 2:u 3:1g 2:e 2:d \
    3:5 2:i 3:2 2:8 88 rb3 gyj:26 i 155s:1x;53 g9:1 3 2 2 b 1b 3 1b 570:1 ik
    Gujarati,Gujr;22p:2 2:8 2:2 2:l 2:6 2:1 2:4 3:9 2:2 2:2 3 g:3 3:b 8:6;1u9:1 i:1 vd7:9
    Gunjala_Gondi,Gong;1kdc:5 2:1 2:10 2:1 2:5 8:9;53 1pp:1
    Gurmukhi,Guru;1z5:2 2:5 5:1 3:l 2:6 2:1 2:1 2:1 3 2:4 5:1 3:2 4 8:3 2 8:g;1u9:1 i:1 vd7:9
    Gurung_Khema,Gukh;1xq8:1l;1ut
    Han,Hani;96o:p 2:2g d:5x 1c 2 q:8 f:3 qt:533 1t:g73 hkx:a5 3:2x n49:1 d:6 sga:wyn x:3dp 3:4gd 3:5rk g:h9 1wj:f1 \
    15v:3t6 6:6jt;53 9bt:f 2:2 3 2:9 2:c b:3 3 7 5:3 58 45:f x:11 a 1d:13 1l:1c g:b 1g 2h:o b:4 2p:u mpu:7 h8e:1 \
    7v:4 15vf:h 63j:1
    Hangul,Hang;3cw:73 5yn:1 76:2l 36:u 1u:u nhe:s hw:8mb d:m 5:1c 7tx:u 4:5 3:5 3:5 3:2;9hd:2 5:9 2:c h 7 5g 14ju:1 \
    7v:4
    Hanifi_Rohingya,Rohg;1h4w:13 9:9;170 f 4 x 44
    Hanunoo,Hano;4kg:k;4l1:1
    Hatran,Hatr;1gbk:i 2:1 6:4;
    Hebrew,Hebr;13l:1i 9:q 5:5 1cfd:p 2:4 2 2:1 2:1 2:9;lj:1
    Hiragana,Hira;9j5:2d 7:2 23qa:7y j u:2 cry;9hd:2 5:9 2:c h:5 2 5:1 2k:3 4 2j:1 14jt:1 7v:4 b 1a:1
    Imperial_Aramaic,Armi;1g74:l 2:8;
    Inherited,Zinh,Qaai;lc:33 7q:1 cl:a r kh:3 3fg:19 3:b dh:2 2:c 2:6 5 7 4:1 5j:1r el:1 5f:w 30a:3 30:1 14km:f h:d \
    r4 6b 38b 1139:19 3:m f5:2 i:7 3:6 v:3 h45v:6n;lc:e 2:1 2 g:2 8:1 2:1 h 3 j 6 5:c 7q:1 cl:a r kh:1 3um:2 2:c 2:6 \
    5 7 4:1 5j:1 1j 2 l2 30a:3 30:1 15ja 38b
    Inscriptional_Pahlavi,Phli;1gtc:i 6:7;
    Inscriptional_Parthian,Prti;1gsg:l 3:7;
    Javanese,Java;xhc:25 3:9 5:1;xjj
    Kaithi,Kthi;1hts:1u b;1uu:9 79e o3j:9
    Kannada,Knda;2gw:c 2:2 2:m 2:9 2:4 3:8 2:2 2:3 8:1 6:2 2:3 3:9 2:2;1u9:1 i:1 3u3 2:1 7 o 2 ri4:5
    Katakana,Kana;9lt:2h 3:2 6p:f 5t:1a 2:2f 14b3:9 2:18 ytv:3 2:6 2:1 2 80:2 1f f:3;lh u 8v2:2 5:9 2:c h:5 2 5:1 \
    2k:3 4 2j:1 14jt:1 7v:4 b 1a:1
    Kawi,Kawi;1kow:g 2:14 4:s;
    Kayah_Li,Kali;xds:19 2;xf2
    Kharoshthi,Khar;1gjk:3 2:1 6:7 2:2 2:s 3:2 5:9 8:8;
    Khitan_Small_Script,Kits;20o4 5cs:d1 16;
    Khmer,Khmr;4n4:2l 3:9 7:9 dj:v;
    Khojki,Khoj;1i4g:h 2:1a;25i:9 v29:9
    Khudawadi,Sind;1i9c:1m 6:9;1us:1 vd7:9
    Kirat_Rai,Krai;205c:1l;
    Lao,Laoo;2v5:1 2 2:4 2:n 2 2:m 3:4 2 2:6 2:9 3:3;
    Latin,Latn;1t:p 7:p 1c g 6:m 2:u 2:cg 14:4 55o:11 7:1c 6:3 6:c 2:1x 1u:73 aa e h:c 3y:1 7 s i:14 254:v o83:2t \
    4:29 l:e mp:16 2:8 2:3 fpz:6 t7:p 7:p 1ly:5 2:15 2:8 16iu:u 7:5;53 ed b 2:2 2 a 2 13:e 2:1 2 g:2 8:1 2:1 13 6 \
    5:c 7q:1 y3:1 1ih 2kd fr 5d 2lj nvt:7 fb
    Lepcha,Lepc;5j4:1j 4:e 4:2;
    Limbu,Limb;4xs:u 2:b 5:b 5 4:b;1ut
    Linear_A,Lina;1fr4:8m a:l b:7;1err:18
    Linear_B,Linb;1ekg:b 2:p 2:i 2:1 2:e 3:d z:3e;1erk:2 5:18 4:8
    Lisu,Lisu;wk0:1b o8h;jg h 8xp:1
    Lycian,Lyci;1f28:s;6e2
    Lydian,Lydi;1gdc:p 6;53 8ze
    Mahajani,Mahj;1hzk:12;53 1pp:b vcx:9
    Makasar,Maka;1ko0:o;
    Malayalam,Mlym;2kg:c 2:2 2:1e 2:2 2:5 5:f 3:p;1u9:1 i:1 3ud o ri6:2
    Mandaic,Mand;1mo:r 3;18g
    Manichaean,Mani;1gow:12 5:b;18g
    Marchen,Marc;1k6o:v 3:l 2:d;
    Masaram_Gondi,Gonm;1kao:6 2:1 2:17 4 2:1 2:8 9:9;1us:1
    Medefaidrin,Medf;20cg:2i;
    Meetei_Mayek,Mtei;xr4:m 5m:19 3:9;
    Mende_Kikakui,Mend;2oe8:5g 3:f;
    Meroitic_Cursive,Merc;1ggw:n 5:j 3:19;
    Meroitic_Hieroglyphs,Mero;1gg0:v;6e5
    Miao,Plrd;20hs:22 5:1k 8:g;
    Modi,Modi;1iww:1w c:9;x80:9
    Mongolian,Mong;4qo:1 3 2:j 7:2g 8:16 1e46:c;4qq:1 2 1m2 34i:1 6:3
    Mro,Mroo;1zk0:u 2:9 5:1;
    Multani,Mult;1i80:6 2 2:3 2:e 2:a;21y:9
    Myanmar,Mymr;35s:4f u9t:u 2q:v le9:j;xf2
    Nabataean,Nbat;1g8w:u 9:8;
    Nag_Mundari,Nagm;2nrk:15;
    Nandinagari,Nand;1jmo:7 3:19 3:a;1u9 j:1 ox:9 35m 9 8 rhy:5
    New_Tai_Lue,Talu;51c:17 5:p 7:a 4:1;
    Newa,Newa;1iio:2j 2:4;1u9:1 3ur 2:1 a 7 2 2
    Nko,Nkoo;1j4:1m 3:2;170 f 4 1ctb:1
    Nushu,Nshu;20o1 cy7:az;
    Nyiakeng_Puachue_Hmong,Hmnp;2n0g:18 4:d 3:9 5:1;
    Ogham,Ogam;4g0:s;
    Ol_Chiki,Olck;5lc:1b;
    Ol_Onal,Onao;2nyo:16 5;1us:1
    Old_Hungarian,Hung;1h1c:1e e:1e 8:5;6e2 3 2qc g
    Old_Italic,Ital;1f5s:z a:2;
    Old_North_Arabian,Narb;1gn4:v;
    Old_Permic,Perm;1f80:16;53 g9 6:2 b a8
    Old_Persian,Xpeo;1fa8:z 5:d;
    Old_Sogdian,Sogo;1hj4:13;
    Old_South_Arabian,Sarb;1gm8:v;
    Old_Turkic,Orkh;1gxs:20;6e2 2qe
    Old_Uyghur,Ougr;1hm8:p;18g 1fhu
    Oriya,Orya;269:2 2:7 3:1 3:l 2:6 2:1 2:4 3:8 3:1 3:2 8:2 5:1 2:4 3:h;1u9:1 i:1 3ud o
    Osage,Osge;1fhs:z 5:z;ld 3 7 25
    Osmanya,Osma;1fgg:t 3:9;
    Pahawh_Hmong,Hmng;1zpc:1x b:9 2:6 2:k 6:i;
    Palmyrene,Palm;1g80:v;
    Pau_Cin_Hau,Pauc;1juo:1k;
    Phags_Pa,Phag;x8g:1j;4qq:1 2 1m2 34j
    Phoenician,Phnx;1gcg:r 4;
    Psalter_Pahlavi,Phlp;1gu8:h 8:3 d:6;18g
    Rejang,Rjng;xf4:z c;
    Runic,Runr;4gw:22 4:a;4iz:2
    Samaritan,Samr;1kw:19 3:e;94h
    Saurashtra,Saur;xa8:1x 9:b;
    Sharada,Shrd;1i0w:2n 1vl:7;1u9 3uu 2 3:1 3 a 3 rib:5 3
    Shavian,Shaw;1ff4:1b;53
    Siddham,Sidd;1itc:1h 3:11;
    Sidetic,Sidt;1ge8:p;
    SignWriting,Sgnw;2l8g:i3 g:4 2:e;
    Sinhala,Sinh;2o1:2 2:h 4:n 2:8 2 3:6 4 5:5 2 2:7 7:9 3:2 1fcd:j;1us:1 3v1
    Sogdian,Sogd;1hkg:15;18g
    Sora_Sompeng,Sora;1hw0:o 8:9;
    Soyombo,Soyo;1jrk:2a;
    Sundanese,Sund;5fk:1r 75:7;
    Sunuwar,Sunu;1k1s:x f:9;lc:1 2 a 3 t 4
    Syloti_Nagri,Sylo;x6o:18;1us:1 3l:9
    Syriac,Syrc;1ds:d 2:1n 3:2 7l:a;lf:1 3:1 2 p:2 8:1 2:1 kb f:1 3 x b:a r 4nc 2
    Tagalog,Tglg;4jk:l a;4l1:1
    Tagbanwa,Tagb;4m8:c 2:2 2:1;4l1:1
    Tai_Le,Tale;500:t 3:4;lc:1 6:1 4 2lw:9
    Tai_Tham,Lana;55s:1q 2:s 3:a 7:9 7:d;
    Tai_Viet,Tavt;xog:1u p:4;
    Tai_Yo,Tayo;2o5c:u 2:l 9:1;
    Takri,Takr;1j0g:1l 7:9;1us:1 vd7:9
    Tamil,Taml;29u:1 2:5 4:2 2:3 4:1 2 2:1 4:1 4:2 4:b 5:4 4:2 2:3 3 7 f:k 1ih2:1d e;1u9:1 i:1 3ud ro9 ky6 2 1k:1
    Tangsa,Tnsa;1zlc:26 2:9;
    Tangut,Tang;20o0 w:5bz e9:u 2q:36;9gw:f ds
    Telugu,Telu;2dc:c 2:2 2:m 2:f 3:8 2:2 2:3 8:1 2:2 2:1 3:3 3:9 8:8;1u9:1 i:1 3u8:1 2 2 o
    Thaana,Thaa;1hc:1d;170 f:1 3 1t:9 1cw9 b
    Thai,Thai;2rl:1l 6:r;jg r 18 1a
    Tibetan,Tibt;2yo:1z 2:z 5:12 2:z 2:e 2:6 5:1;9hk:3
    Tifinagh,Tfng;8xc:1j 8:1 f;le 2 2:3 q
    Tirhuta,Tirh;1im8:1z 9:9;1u9:1 i:1 3u8 d g ri6:9
    Todhri,Todr;1fpc:1f;ld 3 3 a 2 23
    Tolong_Siki,Tols;1kfk:17 5:9;
    Toto,Toto;2nbk:u;jg
    Tulu_Tigalari,Tutg;1if4:9 2 3 2:11 2:9 2 3 2:3 2:9 2:1 9:1;2jq:9 35v 2 ri4:5 58
    Ugaritic,Ugar;1f9c:t 2;
    Vai,Vaii;wlc:8b;
    Vithkuqi,Vith;1fn4:a 2:e 2:6 2:1 2:a 2:e 2:6 2:1;
    Wancho,Wcho;2ncw:1l 6;
    Warang_Citi,Wara;1jfk:2a d;
    Yezidi,Yezi;1hfk:15 2:2 3:1;170 f 4 1t:9
    Yi,Yiii;vls:wc 4:1i;9hd:1 6:9 3:7 68 14rq:4
    Zanabazar_Square,Zanb;1jpc:1z;
    #Emoji_Component;z 7 6:9 6ac 5y 17os 1c5z:p e4:4 14h:3 gw31:2n
    #Extended_Pictographic;4p 5 68e d 61 n 2j:5 g:1 a8:1 d 4n q:a 5:2 5k 6g:1 b a 1n:3 2:4 a 3 3:1 3 5 3 2:1 3 4 4:1 \
    9:2 6 2 6:b c:1 3 2:1 2 j 3:1 j:5 2 2:1 4:1 6 3:1 5:1 c:1 6:1 3 6:1 2 2:1 l:1 6:5 2:3 3 5 3 3:5 2 3 2 2 7 4 7 \
    b:1 g 3 5 2 5:2 2 c:1 1d:2 a f f ad:1 cw:2 k:1 1g 5 yj d gq 2 2fzf 14:3 2t:b g:1 g f:1 12:9 35:1 d:1 f 3:9 k:1j \
    s:e b l 3:8 2:3 a:m 7:57 3:33 3:1 2:2 3:2a 3:2 2:3 6:71 2:1q c:5 2:n 8:1 3:7 d 3:3 3 5:1 e:1 3 9:1 a 6:2 d:2 9:2 \
    3 2 5 7 4 7:2d 1d:1x 6:7 3:g 4 2:5 3:c 63:11 d:3 1l:7 b:5 15:7 v:1 d:3 3:d a:12 d:1a 2:9 2:54 2h:7 f:41 75:sd
    """

  /// Runs of scalars whose next of equal folding lies at the same distance: `first:span` and the signed distance, all in
  /// base 36; a slash before the sign means every second scalar.
  static let caseOrbits = """
    1t:p+w 2p:9-w 2z:0+6gv 30:e/-w 31:4/-w 37:0+7g 39:4/-w 51:0+kn 5c:m+w 60:6+w 67:0+5vj 68:u/-w 69:2/-w 6d:0+6di \
    6f:e/-w 6x:4/-w 73:0+3d 74:1a/+1 75:1a/-1 8i:4/+1 8j:4/-1 8p:e/+1 8q:e/-1 96:18/+1 97:18/-1 ag:0-3d ah:4/+1 \
    ai:4/-1 an:0-8c ao:0+5f ap:0+5u aq:2/+1 ar:2/-1 au:0+5q av:0+1 aw:0-1 ax:1+5p az:0+1 b0:0-1 b2:0+27 b3:0+5m \
    b4:0+5n b5:0+1 b6:0-1 b7:0+5p b8:0+5r b9:0+2p ba:0+5v bb:0+5t bc:0+1 bd:0-1 be:0+4j bf:0+wu9 bg:0+5v bh:0+5x \
    bi:0+3m bj:0+5y bk:4/+1 bl:4/-1 bq:0+62 br:0+1 bs:0-1 bt:0+62 bw:0+1 bx:0-1 by:0+62 bz:0+1 c0:0-1 c1:1+61 \
    c3:2/+1 c4:2/-1 c7:0+63 c8:0+1 c9:0-1 cc:0+1 cd:0-1 cf:0+1k ck:1+1 cm:0-2 cn:1+1 cp:0-2 cq:1+1 cs:0-2 ct:e/+1 \
    cu:e/-1 d9:0-27 da:g/+1 db:g/-1 dt:1+1 dv:0-2 dw:0+1 dx:0-1 dy:0-2p dz:0-1k e0:12/+1 e1:12/-1 f4:0-3m f6:g/+1 \
    f7:g/-1 fu:0+8bv fv:0+1 fw:0-1 fx:0-4j fy:0+8bs fz:1+8cf g1:0+1 g2:0-1 g3:0-5f g4:0+1x g5:0+1z g6:8/+1 g7:8/-1 \
    gg:0+8bj gh:0+8bg gi:0+8bi gj:0-5u gk:0-5q gm:1-5p gp:0-5m gr:0-5n gs:0+wnj gw:0-5p gx:0+wnf gz:0-5r h0:0+wo7 \
    h1:0+wmg h2:0+wn8 h4:0-5t h5:0-5v h6:0+wn8 h7:0+8af h8:0+wn5 hb:0-5v hd:0+8al he:0-5x hh:0-5y hp:0+89z hs:0-62 \
    hu:0+wn7 hv:0-62 hz:0+wmi i0:0-62 i1:0-1x i2:1-61 i4:0-1z ia:0-63 il:0+wlx im:0+wlu n9:0+2c og:2/+1 oh:2/-1 \
    om:0+1 on:0-1 or:2+3m ov:0+38 p2:0+12 p4:2+11 p8:0+1s pa:1+1r pc:0+5kz pd:g+w pv:0+v pw:7+w q4:0-12 q5:2-11 \
    q8:0+5kj q9:2/-w qa:0+u qc:2/-w qd:0+1s qf:0-w qg:0+p qh:0+5j9 qi:0+1i qj:4/-w qk:0-lj qm:0-w qo:0+m qp:0+1c \
    qq:0+1 qr:2-w qu:0+f qv:1-w qx:0+5st qy:1-w r0:0-1s r1:1-1r r3:0+8 r4:0-1q r5:0+z r9:0-1b ra:0-1i rb:0-8 rc:m/+1 \
    rd:m/-1 s0:0-2e s1:0-28 s2:0+7 s3:0-38 s4:0-2k s5:0-2o s7:0+1 s8:0-1 s9:0-7 sa:0+1 sb:0-1 sd:2-3m sg:f+28 sw:v+w \
    ts:1-w tu:0+4su tv:c/-w tw:0+4st ty:6/-w u6:0+4sk u8:0-w u9:1+4si ub:6-w ui:0+4sc uj:4-w uo:f-28 v4:w/+1 v5:0-1 \
    v7:0+4ro v9:s/-1 wa:1g/+1 wb:1g/-1 xs:0+f xt:c/+1 xu:c/-1 y7:0-f y8:2m/+1 y9:2m/-1 10x:11+1c 129:11-1c \
    3a8:11+5ls 3bb:0+5ls 3bh:0+5ls 3bk:16+2bk 3ct:2+2bk 3vk:27+tzk 3xs:5+8 3y0:5-8 5mo:0-4tq 5mp:0-4tp 5mq:0-4tg \
    5mr:0-4te 5ms:0+1 5mt:0-4tf 5mu:0-4t8 5mv:0-4rp 5mw:0+r7m 5mx:0+1 5my:0-1 5n4:16-2bk 5od:2-2bk 5tl:0+r9g \
    5tp:0+2xy 5u6:0+raw 5xc:44/+1 5xd:2m/-1 601:0+1m 603:1e/-1 61n:0-1n 61q:0-5vj 61s:2m/+1 61t:2m/-1 64g:7+8 \
    64o:7-8 64w:5+8 654:5-8 65c:7+8 65k:7-8 65s:7+8 660:7-8 668:5+8 66g:5-8 66p:6/+8 66x:6/-8 674:7+8 67c:7-8 \
    67k:1+22 67m:3+2e 67q:1+2s 67s:1+3k 67u:1+34 67w:1+3i 680:7+8 688:7-8 68g:7+8 68o:7-8 68w:7+8 694:7-8 69c:1+8 \
    69f:0+9 69k:1-8 69m:1-22 69o:0-9 69q:0-5mh 69v:0+9 6a0:3-2e 6a4:0-9 6a8:1+8 6ab:0-5kz 6ag:1-8 6ai:1-2s 6ao:1+8 \
    6ar:0-5kj 6at:0+7 6aw:1-8 6ay:1-34 6b0:0-7 6b7:0+9 6bc:1-3k 6be:1-3i 6bg:0-9 6jq:0-5tp 6ju:0-6hr 6jv:0-6ee \
    6k2:0+s 6ku:0-s 6lc:f+g 6ls:f-g 6mb:0+1 6mc:0-1 792:p+q 79s:p-q 8ow:1b+1c 8q8:1b-1c 8rk:0+1 8rl:0-1 8rm:0-8af \
    8rn:0-2xy 8ro:0-89z 8rp:0-8bv 8rq:0-8bs 8rr:4/+1 8rs:4/-1 8rx:0-8bg 8ry:0-8al 8rz:0-8bj 8s0:0-8bi 8s2:0+1 \
    8s3:0-1 8s5:0+1 8s6:0-1 8se:1-8cf 8sg:2q/+1 8sh:2q/-1 8vf:2/+1 8vg:2/-1 8vm:0+1 8vn:0-1 8w0:11-5ls 8x3:0-5ls \
    8x9:0-5ls wu8:18/+1 wu9:8/-1 wuj:0-r7n wul:w/-1 ww0:q/+1 ww1:q/-1 x0i:c/+1 x0j:c/-1 x0y:1o/+1 x0z:1o/-1 x2x:2/+1 \
    x2y:2/-1 x31:0-r9g x32:8/+1 x33:8/-1 x3f:0+1 x3g:0-1 x3h:0-wmg x3k:2/+1 x3l:2/-1 x3o:0+1c x3q:i/+1 x3r:i/-1 \
    x4a:0-wn8 x4b:0-wnj x4c:0-wnf x4d:0-wn5 x4e:0-wn8 x4g:0-wlu x4h:0-wmi x4i:0-wlx x4j:0+ps x4k:e/+1 x4l:e/-1 \
    x50:0-1c x51:0-wn7 x52:0-raw x53:2/+1 x54:2/-1 x57:0-wo7 x58:e/+1 x59:e/-1 x5o:0-wu9 x6d:0+1 x6e:0-1 xub:0-ps \
    xv4:27-tzk 1dl1:0+1 1dl2:0-1 1ee9:p+w 1ef5:p-w 1fcw:13+14 1fe0:13-14 1fhs:z+14 1fiw:z-14 1fn4:10/+13 1fn5:8/+13 \
    1fnh:c/+13 1fnx:4/+13 1fo5:0+13 1fo7:10/-13 1fo8:8/-13 1fok:c/-13 1fp0:4/-13 1fp8:0-13 1h1c:1e+1s 1h34:1e-1s \
    1h74:l+w 1h80:l-w 1jfk:v+w 1jgg:v-w 20cg:v+w 20dc:v-w 20f4:o+r 20fv:o-r 2olc:x+y 2oma:x-y
    """
}
