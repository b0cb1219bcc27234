package agent

import (
	"github.com/google/uuid"

	"rookery/grid"
)

// builtin is the animations that every viewer has of its own, as the Second
// Life wiki lists them (Internal Animations): https://wiki.secondlife.com/wiki/Internal_Animations.
var builtin = func() map[grid.UUID]bool {
	set := make(map[grid.UUID]bool, len(builtinList))
	for _, id := range builtinList {
		set[uuid.MustParse(id)] = true
	}
	return set
}()

var builtinList = []string{
	"6b61c8e8-4747-0d75-12d7-e49ff207a4ca", // afraid
	"b5b4a67d-0aee-30d2-72cd-77b333e932ef", // aim bazooka r
	"46bb4359-de38-4ed8-6a22-f1f52fe8f506", // aim bow l
	"3147d815-6338-b932-f011-16b56d9ac18b", // aim handgun r
	"ea633413-8006-180a-c3ba-96dd1d756720", // aim rifle r
	"5747a48e-073e-c331-f6f3-7c2149613d3e", // angry
	"fd037134-85d4-f241-72c6-4f42164fedee", // away
	"c4ca6188-9127-4f31-0158-23c4e2f93304", // backflip
	"18b3a4b5-b463-bd48-e4b6-71eaac76c515", // belly laugh
	"db84829b-462c-ee83-1e27-9bbee66bd624", // blow kiss
	"b906c4ba-703b-1940-32a3-0c7f7d791510", // bored
	"82e99230-c906-1403-4d9c-3889dd98daba", // bow
	"349a3801-54f9-bf2c-3bd0-1ac89772af01", // brush
	"efcf670c-2d18-8128-973a-034ebc806b67", // busy
	"9b0c1c4e-8ac7-7969-1494-28c874c4f668", // clap
	"9ba1c942-08be-e43a-fb29-16ad440efc50", // courtbow
	"201f3fdf-cb1f-dbec-201f-7333e328ae7c", // crouch
	"47f5f6fb-22e5-ae44-f871-73aaaf4a6022", // crouchwalk
	"92624d3e-1068-f1aa-a5ec-8244585193ed", // cry
	"038fcec9-5ebd-8a8e-0e2e-6e71a0a1ac53", // customize
	"6883a61a-b27b-5914-a61e-dda118a9ee2c", // customize done
	"b68a3d7c-de9e-fc87-eec8-543d787e5b0d", // dance1
	"928cae18-e31d-76fd-9cc9-2f55160ff818", // dance2
	"30047778-10ea-1af7-6881-4db7a3a5a114", // dance3
	"951469f4-c7b2-c818-9dee-ad7eea8c30b7", // dance4
	"4bd69a1d-1114-a0b4-625f-84e0a5237155", // dance5
	"cd28b69b-9c95-bb78-3f94-8d605ff1bb12", // dance6
	"a54d8ee2-28bb-80a9-7f0c-7afbbe24a5d6", // dance7
	"b0dc417c-1f11-af36-2e80-7e7489fa7cdc", // dance8
	"57abaae6-1d17-7b1b-5f98-6d11a6411276", // dead
	"0f86e355-dd31-a61c-fdb0-3a96b9aad05f", // drink
	"514af488-9051-044a-b3fc-d4dbf76377c6", // embarrassed
	"aa2df84d-cf8f-7218-527b-424a52de766e", // express afraid
	"1a03b575-9634-b62a-5767-3a679e81f4de", // express anger
	"214aa6c1-ba6a-4578-f27c-ce7688f61d0d", // express bored
	"d535471b-85bf-3b4d-a542-93bea4f59d33", // express cry
	"d4416ff1-09d3-300f-4183-1b68a19b9fc1", // express disdain
	"0b8c8211-d78c-33e8-fa28-c51a9594e424", // express embarrassed
	"fee3df48-fa3d-1015-1e26-a205810e3001", // express frown
	"1e8d90cc-a84e-e135-884c-7c82c8b03a14", // express kiss
	"62570842-0950-96f8-341c-809e65110823", // express laugh
	"d63bc1f9-fc81-9625-a0c6-007176d82eb7", // express open mouth
	"f76cda94-41d4-a229-2872-e0296e58afe1", // express repulsed
	"eb6ebfb2-a4b3-a19c-d388-4dd5c03823f7", // express sad
	"a351b1bc-cc94-aac2-7bea-a7e6ebad15ef", // express shrug
	"b7c7c833-e3d3-c4e3-9fc0-131237446312", // express smile
	"728646d9-cc79-08b2-32d6-937f0a835c24", // express surprise
	"835965c6-7f2f-bda2-5deb-2478737f91bf", // express tongue out
	"b92ec1a5-e7ce-a76b-2b05-bcdb9311417e", // express toothsmile
	"da020525-4d94-59d6-23d7-81fdebf33148", // express wink
	"9c05e5c7-6f07-6ca4-ed5a-b230390c3950", // express worry
	"666307d9-a860-572d-6fd4-c3ab8865c094", // falldown
	"f5fc7433-043d-e819-8298-f519a119b688", // female walk
	"c1bc7f36-3ba0-d844-f93c-93be945d644f", // finger wag
	"7db00ccd-f380-f3ee-439d-61968ec69c8a", // fist pump
	"aec4610c-757f-bc4e-c092-c6e9caf18daf", // fly
	"2b5a38b2-5e00-3a97-a495-4c826bc443e6", // flyslow
	"9b29cd61-c45b-5689-ded2-91756b8d76a9", // hello
	"ef62d355-c815-4816-2474-b1acc21094a6", // hold bazooka r
	"8b102617-bcba-037b-86c1-b76219f90c88", // hold bow l
	"efdc1727-8b8a-c800-4077-975fc27ee2f2", // hold handgun r
	"3d94bad0-c55b-7dcc-8763-033c59405d33", // hold rifle r
	"7570c7b5-1f22-56dd-56ef-a9168241bbb6", // hold throw r
	"4ae8016b-31b9-03bb-c401-b1ea941db41d", // hover
	"20f063ea-8306-2562-0b07-5c853b37b31e", // hover down
	"62c5de58-cb33-5743-3d07-9e4cd4352864", // hover up
	"5ea3991f-c293-392e-6860-91dfa01278a3", // impatient
	"2305bd75-1ca9-b03b-1faa-b176b8a8c49e", // jump
	"709ea28e-1573-c023-8bf8-520c8bc637fa", // jump for joy
	"19999406-3a3a-d58c-a2ac-d72e555dcf51", // kiss my butt
	"7a17b059-12b2-41b1-570a-186368b6aa6f", // land
	"ca5b3f14-3194-7a2b-c894-aa699b718d1f", // laugh short
	"f4f00d6e-b9fe-9292-f4cb-0ae06ea58d57", // medium land
	"08464f78-3a8e-2944-cba5-0c94aff3af29", // motorcycle sit
	"315c3a41-a5f3-0ba4-27da-f893f769e69b", // muscle beach
	"5a977ed9-7f72-44e9-4c4c-6e913df8ae74", // no
	"d83fa0e5-97ed-7eb2-e798-7bd006215cb4", // no unhappy
	"f061723d-0a18-754f-66ee-29a44795a32f", // nyah nyah
	"eefc79be-daae-a239-8c04-890f5d23654a", // onetwo punch
	"b312b10e-65ab-a0a4-8b3c-1326ea8e3ed9", // peace
	"17c024cc-eef2-f6a0-3527-9869876d7752", // point me
	"ec952cca-61ef-aa3b-2789-4d1344f016de", // point you
	"7a4e87fe-de39-6fcb-6223-024b00893244", // pre jump
	"f3300ad9-3462-1d07-2044-0fef80062da0", // punch left
	"c8e42d32-7310-6906-c903-cab5d4a34656", // punch right
	"36f81a92-f076-5893-dc4b-7c3795e487cf", // repulsed
	"49aea43b-5ac3-8a44-b595-96100af0beda", // roundhouse kick
	"35db4f7e-28c2-6679-cea9-3ee108f7fc7f", // rps countdown
	"0836b67f-7f7b-f37b-c00a-460dc1521f5a", // rps paper
	"42dd95d5-0bc6-6392-f650-777304946c0f", // rps rock
	"16803a9f-5140-e042-4d7b-d28ba247c325", // rps scissors
	"05ddbff8-aaa9-92a1-2b74-8fe77a29b445", // run
	"0eb702e2-cc5a-9a88-56a5-661a55c0676a", // sad
	"cd7668a6-7011-d7e2-ead8-fc69eff1a104", // salute
	"e04d450d-fdb5-0432-fd68-818aaf5935f8", // shoot bow l
	"6bd01860-4ebd-127a-bb3d-d1427e8e0c42", // shout
	"70ea714f-3a97-d742-1b01-590a8fcd1db5", // shrug
	"1a5fe8ac-a804-8a5d-7cbd-56bd83184568", // sit
	"b1709c8d-ecd3-54a1-4f28-d55ac0840782", // sit female
	"245f3c54-f1c0-bf2e-811f-46d8eeb386e7", // sit generic
	"1c7600d6-661f-b87b-efe2-d7421eb93c86", // sit ground
	"1a2bd58e-87ff-0df8-0b4c-53e047b0bb6e", // sit ground constrained
	"a8dee56f-2eae-9e7a-05a2-6fb92b97e21e", // sit to stand
	"f2bed5f9-9d44-39af-b0cd-257b2a17fe40", // sleep
	"d2f2ee58-8ad1-06c9-d8d3-3827ba31567a", // smoke idle
	"6802d553-49da-0778-9f85-1599a2266526", // smoke inhale
	"0a9fb970-8b44-9114-d3a9-bf69cfe804d6", // smoke throw down
	"eae8905b-271a-99e2-4c0e-31106afd100c", // snapshot
	"2408fe9e-df1d-1d7d-f4ff-1384fa7b350f", // stand
	"3da1d753-028a-5446-24f3-9c9b856d9422", // standup
	"15468e00-3400-bb66-cecc-646d7c14458e", // stand 1
	"370f3a20-6ca6-9971-848c-9a01bc42ae3c", // stand 2
	"42b46214-4b44-79ae-deb8-0df61424ff4b", // stand 3
	"f22fed8b-a5ed-2c93-64d5-bdd8b93c889f", // stand 4
	"80700431-74ec-a008-14f8-77575e73693f", // stretch
	"1cb562b0-ba21-2202-efb3-30f82cdf9595", // stride
	"41426836-7437-7e89-025d-0aa4d10f1d69", // surf
	"313b9881-4302-73c0-c7d0-0e7a36b6c224", // surprise
	"85428680-6bf9-3e64-b489-6f81087c24bd", // sword strike
	"5c682a95-6da4-a463-0bf6-0f5b7be129d1", // talk
	"11000694-3f41-adc2-606b-eee1d66f3724", // tantrum
	"aa134404-7dac-7aca-2cba-435f9db875ca", // throw r
	"83ff59fe-2346-f236-9009-4e3608af64c1", // tryon shirt
	"56e0ba0d-4a9f-7f27-6117-32f2ebbf6135", // turnleft
	"2d6daa51-3192-6794-8e2e-a15f8338ec30", // turnright
	"c541c47f-e0c0-058b-ad1a-d6ae3a4584d9", // type
	"6ed24bd8-91aa-4b12-ccc7-c97c857ab4e0", // walk
	"7693f268-06c7-ea71-fa21-2b30d6533f8f", // whisper
	"b1ed7982-c68e-a982-7561-52a88a5298c0", // whistle
	"869ecdad-a44b-671e-3266-56aef2e3ac2e", // wink
	"c0c4030f-c02b-49de-24ba-2331f43fe41c", // wink hollywood
	"9f496bd2-589a-709f-16cc-69bf7df1d36c", // worry
	"15dd911d-be82-2856-26db-27659b142875", // yes
	"b8c8b2a3-9008-1771-3bfc-90924955ab2d", // yes happy
	"42ecd00b-9947-a97c-400a-bbc9174c7aeb", // yoga float
}
